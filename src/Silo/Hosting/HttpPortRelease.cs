namespace Admission.Silo.Hosting;

/// <summary>The last hosted service before the server, which then finds its port free.</summary>
internal sealed class HttpPortRelease(HttpPort port) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        port.Dispose();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
