using System.Net;
using System.Net.Sockets;
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
    private TcpListener? _forwarder;

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

    public static NetworkHost Create(Action<ISiloBuilder>? configureSilo = null) => new(configureSilo);

    /// <summary>Passes one port's connections on to another port, as a proxy or a port mapping does.</summary>
    public void Forward(int from, int to)
    {
        var listener = new TcpListener(IPAddress.Loopback, from);
        listener.Start();
        _forwarder = listener;
        _ = AcceptAsync();
        return;

        async Task AcceptAsync()
        {
            while (true)
            {
                var outer = await listener.AcceptTcpClientAsync();
                var inner = new TcpClient();
                await inner.ConnectAsync(IPAddress.Loopback, to);
                _ = PumpAsync(outer, inner);
                _ = PumpAsync(inner, outer);
            }
        }

        static async Task PumpAsync(TcpClient source, TcpClient sink)
        {
            using (sink)
            {
                await source.GetStream().CopyToAsync(sink.GetStream());
            }
        }
    }

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
        _forwarder?.Dispose();
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
