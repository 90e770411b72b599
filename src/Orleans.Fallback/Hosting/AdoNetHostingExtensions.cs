using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.AdoNet;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Clustering over a database.</summary>
public static class AdoNetHostingExtensions
{
    private const int TableConnections = 4;
    private static readonly TimeSpan TableBound = TimeSpan.FromSeconds(5);

    /// <summary>Silos find each other, and find out who is gone, by tables in a database.</summary>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        builder.UseAdoNetClustering(options => options.Configure(configureOptions));

    /// <inheritdoc cref="UseAdoNetClustering(ISiloBuilder, Action{AdoNetClusteringSiloOptions})"/>
    public static ISiloBuilder UseAdoNetClustering(
        this ISiloBuilder builder, Action<OptionsBuilder<AdoNetClusteringSiloOptions>> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        configureOptions(builder.Services.AddOptions<AdoNetClusteringSiloOptions>());
        AddTable(builder.Services, provider => SettingsOf(provider.GetRequiredService<IOptions<AdoNetClusteringSiloOptions>>().Value));
        builder.Services.TryAddSingleton<SiloExit>();
        builder.Services.TryAddSingleton(provider => new Lazy<ISiloProbe>(provider.GetRequiredService<ISiloProbe>));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, MembershipOptionsValidator>());
        Use<SiloMembership>(builder.Services);
        return builder;
    }

    /// <summary>The client finds silos by tables in a database.</summary>
    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) =>
        builder.UseAdoNetClustering(options => options.Configure(configureOptions));

    /// <inheritdoc cref="UseAdoNetClustering(IClientBuilder, Action{AdoNetClusteringClientOptions})"/>
    public static IClientBuilder UseAdoNetClustering(
        this IClientBuilder builder, Action<OptionsBuilder<AdoNetClusteringClientOptions>> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        configureOptions(builder.Services.AddOptions<AdoNetClusteringClientOptions>());
        AddTable(builder.Services, provider => SettingsOf(provider.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value));
        Use<ClientMembership>(builder.Services);
        return builder;
    }

    private static AdoNetSettings SettingsOf(AdoNetClusteringSiloOptions options) =>
        new(nameof(AdoNetClusteringSiloOptions), options.Invariant, options.ConnectionString);

    private static AdoNetSettings SettingsOf(AdoNetClusteringClientOptions options) =>
        new(nameof(AdoNetClusteringClientOptions), options.Invariant, options.ConnectionString);

    private static void AddTable(IServiceCollection services, Func<IServiceProvider, AdoNetSettings> settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        _ = services.AddSingleton<IConfigurationValidator>(settings);
        services.TryAddKeyedSingleton(
            typeof(IMemberTable),
            (provider, _) => new OrleansDatabase(settings(provider).Check(), TableBound, TableConnections, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMemberTable>(provider => new AdoNetMemberTable(
            provider.GetRequiredKeyedService<OrleansDatabase>(typeof(IMemberTable)), provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId));
    }

    private static void Use<TMembership>(IServiceCollection services)
        where TMembership : class, IClusterMembership, IMembershipAgent
    {
        services.TryAddSingleton<TMembership>();
        _ = services.Replace(ServiceDescriptor.Singleton<IClusterMembership>(provider => provider.GetRequiredService<TMembership>()));
        _ = services.Replace(ServiceDescriptor.Singleton<IMembershipAgent>(provider => provider.GetRequiredService<TMembership>()));
    }
}
