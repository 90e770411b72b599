using Microsoft.Extensions.Hosting;

namespace Admission.Grains.Cluster;

/// <summary>Comes before the engine in the order of the start, and gives its ports free.</summary>
internal sealed class SiloPortsRelease(SiloPorts ports) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ports.Release();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
