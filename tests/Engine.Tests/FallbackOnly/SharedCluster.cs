using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Network;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>Several silos and clients in this process that find each other by a <see cref="SharedTable"/>.</summary>
internal sealed class SharedCluster : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];

    public SharedTable Table { get; } = new();

    public Signals Signals { get; } = new();

    public Overlaps Overlaps { get; } = new();

    public static SharedMembership MembershipOf(IHost host) => (SharedMembership)host.Services.GetRequiredService<IClusterMembership>();

    public static SiloAddress AddressOf(IHost silo) => silo.Services.GetRequiredService<LocalSilo>().Address;

    public static IClusterClient ClientOf(IHost host) => host.Services.GetRequiredService<IClusterClient>();

    public static ISiloProbe ProbeOf(IHost silo) => silo.Services.GetRequiredService<ISiloProbe>();

    public async Task<IHost> StartSiloAsync(Action<ISiloBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.AddSingleton(Signals).AddSingleton(Overlaps);
        _ = builder.UseOrleans(silo =>
        {
            _ = silo.UseLocalhostClustering(EngineHost.NextPort(), EngineHost.NextPort());
            configure?.Invoke(silo);
            _ = silo.Services
                .AddSingleton(services => new SharedMembership(Table, services.GetRequiredService<LocalSilo>()));
            UseShared(silo.Services);
        });
        return await StartAsync(builder.Build());
    }

    public async Task<IHost> StartClientAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.UseOrleansClient(client =>
        {
            _ = client.UseLocalhostClustering();
            _ = client.Services.AddSingleton(_ => new SharedMembership(Table, silo: null));
            UseShared(client.Services);
        });
        return await StartAsync(builder.Build());
    }

    /// <summary>Ends a silo as a crash does, as seen from outside: its connections end, and it hears and says nothing any more.</summary>
    public void Kill(IHost silo)
    {
        _ = _hosts.Remove(silo);
        silo.Services.GetRequiredService<SiloListeners>().Dispose();
        silo.Services.GetRequiredService<ClusterNetwork>().Links.Abort(new IOException("killed"));
    }

    public async Task StopAsync(IHost host)
    {
        _ = _hosts.Remove(host);
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>A key whose grain lives on this silo.</summary>
    public string KeyOn<TGrain>(IHost silo, string name = "g")
        where TGrain : IGrainWithStringKey
    {
        var factory = ClientOf(silo);
        return Enumerable.Range(0, 10_000)
            .Select(number => $"{name}{number}")
            .First(key => AddressOf(silo).Equals(Table.View.OwnerOf(factory.GetGrain<TGrain>(key).GetGrainId())));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.AsEnumerable().Reverse())
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    private static void UseShared(IServiceCollection services) => services
        .Replace(ServiceDescriptor.Singleton<IClusterMembership>(provider => provider.GetRequiredService<SharedMembership>()))
        .Replace(ServiceDescriptor.Singleton<IMembershipAgent>(provider => provider.GetRequiredService<SharedMembership>()));

    private async Task<IHost> StartAsync(IHost host)
    {
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }
}

/// <summary>Counts the activations of each grain in all silos of a test.</summary>
public sealed class Overlaps
{
    private readonly Dictionary<string, int> _active = new(StringComparer.Ordinal);

    public int Most { get; private set; }

    public void Enter(string key)
    {
        lock (_active)
        {
            _active[key] = _active.GetValueOrDefault(key) + 1;
            Most = Math.Max(Most, _active[key]);
        }
    }

    public void Leave(string key)
    {
        lock (_active)
        {
            _active[key]--;
        }
    }
}
