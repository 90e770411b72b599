using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Fallback.Engine;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a silo to a host.</summary>
/// <remarks>
/// The silo is a hosted service: it starts after the hosted services that were registered before this call and before those registered
/// after it, and stops in the reverse order. ASP.NET's server is registered last, so requests come only while the silo runs.
/// </remarks>
public static class OrleansSiloGenericHostExtensions
{
    internal const string ClientToo =
        "Do not call both UseOrleansClient/AddOrleansClient with UseOrleans/AddOrleans. If you want a client and server in the same process, "
        + "only UseOrleans/AddOrleans is necessary and the UseOrleansClient/AddOrleansClient call can be removed.";

    /// <summary>Adds a silo, which includes a client.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) => hostAppBuilder.UseOrleans(_ => { });

    /// <summary>Adds a silo, which includes a client. A second call configures the same silo.</summary>
    public static IHostApplicationBuilder UseOrleans(
        this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(AddOrleans(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Adds a silo, which includes a client. A second call configures the same silo.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.UseOrleans((_, siloBuilder) => configureDelegate(siloBuilder));

    /// <summary>Adds a silo, which includes a client. A second call configures the same silo.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<HostBuilderContext, ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        return hostBuilder.ConfigureServices(
            (context, services) => configureDelegate(context, AddOrleans(services, context.Configuration)));
    }

    /// <summary>Adds a silo, which includes a client. A second call configures the same silo.</summary>
    public static IServiceCollection AddOrleans(this IServiceCollection services, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(AddOrleans(services, new ConfigurationBuilder().Build()));
        return services;
    }

    private static ISiloBuilder AddOrleans(IServiceCollection services, IConfiguration configuration)
    {
        var existing = services.Select(service => service.ImplementationInstance).OfType<ISiloBuilder>().FirstOrDefault();
        if (existing is not null)
        {
            return existing;
        }

        if (services.Any(service => service.ImplementationInstance is IClientBuilder))
        {
            throw new OrleansConfigurationException(ClientToo);
        }

        var builder = new SiloBuilder(services, configuration);
        _ = services.AddSingleton<ISiloBuilder>(builder);
        EngineServices.AddSilo(services);
        return builder;
    }
}

/// <summary>Adds a client to a host.</summary>
/// <remarks>
/// The client is a hosted service: it connects when the host starts, after the services that were added before it, and the start fails when it
/// cannot connect and no <see cref="Orleans.IClientConnectionRetryFilter"/> wants another attempt.
/// </remarks>
public static class OrleansClientGenericHostExtensions
{
    /// <summary>Adds a client of a cluster elsewhere.</summary>
    public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder) =>
        hostAppBuilder.UseOrleansClient(_ => { });

    /// <summary>Adds a client of a cluster elsewhere. A second call configures the same client.</summary>
    public static IHostApplicationBuilder UseOrleansClient(
        this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(AddOrleansClient(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Adds a client of a cluster elsewhere. A second call configures the same client.</summary>
    public static IHostBuilder UseOrleansClient(this IHostBuilder hostBuilder, Action<IClientBuilder> configureDelegate) =>
        hostBuilder.UseOrleansClient((_, clientBuilder) => configureDelegate(clientBuilder));

    /// <summary>Adds a client of a cluster elsewhere. A second call configures the same client.</summary>
    public static IHostBuilder UseOrleansClient(this IHostBuilder hostBuilder, Action<HostBuilderContext, IClientBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        return hostBuilder.ConfigureServices(
            (context, services) => configureDelegate(context, AddOrleansClient(services, context.Configuration)));
    }

    /// <summary>Adds a client of a cluster elsewhere. A second call configures the same client.</summary>
    public static IServiceCollection AddOrleansClient(this IServiceCollection services, Action<IClientBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(AddOrleansClient(services, new ConfigurationBuilder().Build()));
        return services;
    }

    private static IClientBuilder AddOrleansClient(IServiceCollection services, IConfiguration configuration)
    {
        var existing = services.Select(service => service.ImplementationInstance).OfType<IClientBuilder>().FirstOrDefault();
        if (existing is not null)
        {
            return existing;
        }

        if (services.Any(service => service.ImplementationInstance is ISiloBuilder))
        {
            throw new OrleansConfigurationException(OrleansSiloGenericHostExtensions.ClientToo);
        }

        var builder = new ClientBuilder(services, configuration);
        _ = services.AddSingleton<IClientBuilder>(builder);
        EngineServices.AddClient(services);
        return builder;
    }
}
