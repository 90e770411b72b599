using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Admission.Engine.Tests;

/// <summary>Several silos and a client that find each other by a database, for one test.</summary>
public sealed class ClusterHost(string connectionString) : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private IHost? _client;

    public IReadOnlyList<IHost> Silos => _hosts;

    public IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    public static async Task<ClusterHost> StartAsync(string connectionString, int silos)
    {
        var cluster = new ClusterHost(connectionString);
        try
        {
            for (var i = 0; i < silos; i++)
            {
                _ = await cluster.StartSiloAsync();
            }

            await cluster.StartClientAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the grains of one silo note.</summary>
    public static Signals SignalsOf(IHost silo) => silo.Services.GetRequiredService<Signals>();

    public async Task<IHost> StartSiloAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.AddSingleton<Signals>();
        _ = builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(Identify)
            .Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = System.Net.IPAddress.Loopback;
                options.SiloPort = EngineHost.NextPort();
                options.GatewayPort = EngineHost.NextPort();
            })
            .Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromSeconds(1);
                options.NumMissedProbesLimit = 2;
                options.TableRefreshTimeout = TimeSpan.FromSeconds(2);
                options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
            })
            .UseAdoNetClustering(options => (options.ConnectionString, options.Invariant) = (connectionString, "Npgsql"))
            .AddAdoNetGrainStorageAsDefault(options => (options.ConnectionString, options.Invariant) = (connectionString, "Npgsql")));
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    public async Task StopSiloAsync(IHost silo)
    {
        await silo.StopAsync();
        Forget(silo);
        silo.Dispose();
    }

    public void Forget(IHost silo) => _hosts.Remove(silo);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            _client.Dispose();
        }

        foreach (var silo in _hosts.ToList())
        {
            await StopSiloAsync(silo);
        }
    }

    private static void Identify(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("cluster", "service");

    private async Task StartClientAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(Identify)
            .UseAdoNetClustering(options => (options.ConnectionString, options.Invariant) = (connectionString, "Npgsql")));
        _client = builder.Build();
        await _client.StartAsync();
    }
}
