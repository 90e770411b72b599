using System.Net;
using Admission.Grains.Authority;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Admission.Grains.Cluster;

/// <summary>Makes a process a member of a cluster over PostgreSQL, in Orleans' own words.</summary>
internal static class ClusterEngine
{
    /// <summary>The name by which Orleans' ADO.NET providers know PostgreSQL's.</summary>
    private const string Invariant = "Npgsql";

    /// <summary>Adds a silo that starts, in the background, once the database is ready.</summary>
    /// <param name="host">The host.</param>
    /// <param name="settings">The cluster's settings.</param>
    /// <param name="ports">Where the silo is reached.</param>
    /// <param name="configure">Adds the grains and what they need.</param>
    public static void AddClusterSilo(this IHostApplicationBuilder host, ClusterSettings settings, SiloPorts ports, Action<ISiloBuilder> configure)
    {
        host.Services.AddSingleton(ports);
        host.Services.AddClusterStart(settings, () =>
        {
            // Before the engine, which finds its ports free, and whose grains find their authority renewed until they have been handed over.
            host.Services.AddHostedService<SiloPortsRelease>();
            AddAuthority(host.Services, settings, ports);
            host.UseOrleans(silo =>
            {
                Configure(silo, settings, ports);
                configure(silo);
            });
        });
    }

    /// <summary>Adds a client that connects, in the background, once there is a silo.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">The cluster's settings.</param>
    public static void AddClusterClient(this IServiceCollection services, ClusterSettings settings)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IClusterPreparation, KeysPreparation>());
        services.AddSingleton<IClientConnectionRetryFilter, SiloWait>();
        services.AddClusterStart(settings, () => services.AddOrleansClient(client => Configure(client, settings)));
    }

    private static void AddAuthority(IServiceCollection services, ClusterSettings settings, SiloPorts ports)
    {
        services.AddPostgresAuthority(settings.ConnectionString, options =>
        {
            options.ServiceId = settings.ServiceId;
            options.StatementTimeout = ClusterTimes.Statement(settings);
            options.Silo = $"{settings.ClusterId} {settings.AdvertisedAddress}:{ports.Silo} {Guid.NewGuid():N}";
        });
        services.Configure<CapacityGrainOptions>(options =>
        {
            options.AuthorityTtl = settings.AuthorityTtl;
            options.AuthorityRenewal = settings.AuthorityRenewal;
        });
    }

    private static void Configure(ISiloBuilder silo, ClusterSettings settings, SiloPorts ports)
    {
        silo.UseAdoNetClustering((AdoNetClusteringSiloOptions options) =>
        {
            options.ConnectionString = settings.ConnectionString;
            options.Invariant = Invariant;
        });
        silo.AddAdoNetGrainStorage(CapacityGrain.StorageName, (AdoNetGrainStorageOptions options) =>
        {
            options.ConnectionString = settings.ConnectionString;
            options.Invariant = Invariant;
        });
        silo.UseHandshake();
        silo.Configure<ClusterOptions>(options => Configure(options, settings));
        silo.Configure<SiloOptions>(options => options.SiloName = ports.Name);
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = settings.AdvertisedAddress;
            options.SiloPort = ports.Silo;
            options.GatewayPort = ports.Gateway;
            options.SiloListeningEndpoint = new IPEndPoint(settings.ListenAddress, ports.SiloListen);
            options.GatewayListeningEndpoint = new IPEndPoint(settings.ListenAddress, ports.GatewayListen);
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = settings.ProbeTimeout;
            options.NumMissedProbesLimit = settings.MissedProbes;
            options.TableRefreshTimeout = settings.TableRefresh;
            options.IAmAliveTablePublishTimeout = settings.IAmAlive;
        });
    }

    private static void Configure(IClientBuilder client, ClusterSettings settings)
    {
        client.UseAdoNetClustering((AdoNetClusteringClientOptions options) =>
        {
            options.ConnectionString = settings.ConnectionString;
            options.Invariant = Invariant;
        });
        client.UseHandshake();
        client.Services.Configure<ClusterOptions>(options => Configure(options, settings));
        client.Services.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = settings.TableRefresh);
    }

    private static void Configure(ClusterOptions options, ClusterSettings settings)
    {
        options.ClusterId = settings.ClusterId;
        options.ServiceId = settings.ServiceId;
    }
}
