using Admission.Grains.Cluster;

namespace Admission.Silo.Hosting;

/// <summary>Hands the grains over while the server still answers that the silo is not ready any more.</summary>
internal sealed class SiloStopsFirst(ClusterStart start) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => start.StopAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
