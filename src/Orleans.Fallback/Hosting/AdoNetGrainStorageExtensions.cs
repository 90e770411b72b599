using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Fallback.AdoNet;
using Orleans.Fallback.Serialization;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;

namespace Orleans.Hosting;

/// <summary>Grain storage in a database.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    /// <summary>Adds storage in a database as the default.</summary>
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(this ISiloBuilder builder, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds storage in a database under a name.</summary>
    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.ConfigureServices(services => services.AddAdoNetGrainStorage(name, configureOptions));

    /// <summary>Adds storage in a database as the default.</summary>
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds storage in a database under a name.</summary>
    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.ConfigureServices(services => services.AddAdoNetGrainStorage(name, configureOptions));
}

/// <summary>Grain storage in a database.</summary>
/// <remarks>The fallback takes an operation's bound from the connection string's Command Timeout, 30 s where that is 0 or not given.</remarks>
public static class AdoNetGrainStorageServiceCollectionExtensions
{
    private static readonly TimeSpan LongestBound = TimeSpan.FromSeconds(30);

    /// <summary>Adds storage in a database as the default.</summary>
    public static IServiceCollection AddAdoNetGrainStorage(
        this IServiceCollection services, Action<AdoNetGrainStorageOptions> configureOptions) =>
        services.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds storage in a database under a name.</summary>
    public static IServiceCollection AddAdoNetGrainStorage(
        this IServiceCollection services, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        services.AddAdoNetGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Adds storage in a database as the default.</summary>
    public static IServiceCollection AddAdoNetGrainStorageAsDefault(
        this IServiceCollection services, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        services.AddAdoNetGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds storage in a database under a name.</summary>
    public static IServiceCollection AddAdoNetGrainStorage(
        this IServiceCollection services, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        Add(services, name, configureOptions);

    private static IServiceCollection Add(
        IServiceCollection services, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions)
    {
        configureOptions?.Invoke(services.AddOptions<AdoNetGrainStorageOptions>(name));
        _ = services.AddSingleton<IConfigurationValidator>(provider => SettingsOf(provider, name));

        // Under a key of its own, so that the container closes it.
        var key = (typeof(AdoNetGrainStorage), name);
        _ = services.AddKeyedSingleton(key, (provider, _) => Open(provider, name));
        return services.AddGrainStorage(name, (provider, _) => new AdoNetGrainStorage(
            provider.GetRequiredKeyedService<OrleansDatabase>(key),
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId,
            provider.GetRequiredService<MessageSerializer>()));
    }

    private static AdoNetSettings SettingsOf(IServiceProvider provider, string name)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(name);
        return new($"{nameof(AdoNetGrainStorageOptions)} '{name}'", options.Invariant, options.ConnectionString);
    }

    private static OrleansDatabase Open(IServiceProvider provider, string name)
    {
        var connectionString = SettingsOf(provider, name).Check();
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var bound = settings.CommandTimeout == 0 ? LongestBound : TimeSpan.FromSeconds(settings.CommandTimeout);
        return new OrleansDatabase(connectionString, bound, settings.MaxPoolSize, provider.GetRequiredService<TimeProvider>());
    }
}
