using Admission.Grains;
using Admission.Grains.Cluster;

namespace Admission.Silo.Hosting;

/// <summary>Starts after the engine, and says that the silo takes part; stops before it.</summary>
internal sealed partial class SiloJoined(ClusterSettings settings, SiloPorts ports, ILogger<SiloJoined> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogJoined(settings.ClusterId, settings.AdvertisedAddress.ToString(), ports.Silo, ports.Gateway, EngineInfo.Current);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        LogLeaving(settings.ClusterId);
        return Task.CompletedTask;
    }

    [LoggerMessage(4000, LogLevel.Information, "Joined the cluster '{Cluster}' as {Address}:{SiloPort} (frontends: port {GatewayPort}; engine: {Engine}).")]
    private partial void LogJoined(string cluster, string address, int siloPort, int gatewayPort, EngineInfo engine);

    [LoggerMessage(4001, LogLevel.Information, "Leaving the cluster '{Cluster}': what runs here is handed over.")]
    private partial void LogLeaving(string cluster);
}
