using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;

namespace Admission.Engine.Tests;

/// <summary>A silo and a client that have nothing in common but a port, for one test.</summary>
public sealed class NetworkHost : IAsyncDisposable
{
    private readonly int _siloPort = EngineHost.NextPort();
    private readonly Action<ISiloBuilder>? _configureSilo;

    private NetworkHost(Action<ISiloBuilder>? configureSilo) => _configureSilo = configureSilo;

    public int GatewayPort { get; } = EngineHost.NextPort();

    public IHost? Silo { get; private set; }

    public IHost? ClientHost { get; private set; }

    public IClusterClient Client => ClientHost!.Services.GetRequiredService<IClusterClient>();

    /// <summary>What the silo's grains note.</summary>
    public Signals Signals { get; } = new();

    public static async Task<NetworkHost> StartAsync(Action<ISiloBuilder>? configureSilo = null, Action<IClientBuilder>? configureClient = null)
    {
        var network = new NetworkHost(configureSilo);
        await network.StartSiloAsync();
        await network.StartClientAsync(configureClient);
        return network;
    }

    public static NetworkHost Create() => new(configureSilo: null);

    public async Task StartSiloAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.AddSingleton(Signals);
        _ = builder.UseOrleans(silo =>
        {
            _ = silo.UseLocalhostClustering(_siloPort, GatewayPort).AddMemoryGrainStorageAsDefault();
            _configureSilo?.Invoke(silo);
        });
        Silo = builder.Build();
        await Silo.StartAsync();
    }

    public async Task StopSiloAsync()
    {
        await Silo!.StopAsync();
        Silo.Dispose();
        Silo = null;
    }

    public async Task StartClientAsync(Action<IClientBuilder>? configure = null)
    {
        ClientHost = BuildClient(configure);
        await ClientHost.StartAsync();
    }

    public IHost BuildClient(Action<IClientBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.UseOrleansClient(client =>
        {
            _ = client.UseLocalhostClustering(GatewayPort);
            configure?.Invoke(client);
        });
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        if (ClientHost is not null)
        {
            await ClientHost.StopAsync();
            ClientHost.Dispose();
        }

        if (Silo is not null)
        {
            await StopSiloAsync();
        }
    }
}
