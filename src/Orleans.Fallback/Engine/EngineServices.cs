using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Client;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Network;
using Orleans.Fallback.References;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Fallback.Engine;

/// <summary>The services of a silo and the client in it, and of a client alone.</summary>
internal static class EngineServices
{
    public static void AddSilo(IServiceCollection services)
    {
        AddCommon(services);
        _ = services.PostConfigure<SiloOptions>(options => options.SiloName ??= $"Silo_{Guid.NewGuid().ToString("N")[..5]}");

        services.TryAddSingleton<LocalSilo>();
        services.TryAddSingleton<LocalMembership>();
        services.TryAddSingleton<IClusterMembership>(provider => provider.GetRequiredService<LocalMembership>());
        services.TryAddSingleton<IMembershipAgent>(provider => provider.GetRequiredService<LocalMembership>());
        services.TryAddSingleton<GrainActivator>();
        services.TryAddSingleton(_ => new SiloGate("The silo has not started"));
        services.TryAddSingleton<IRequestRouter, Router>();
        services.TryAddSingleton(CreateSettings<SiloMessagingOptions>);
        services.TryAddSingleton<Catalog>();
        services.TryAddSingleton(provider => new Lazy<Catalog>(provider.GetRequiredService<Catalog>));

        services.TryAddSingleton(provider => LocalProcess.OfSilo(provider.GetRequiredService<LocalSilo>().Address));
        services.TryAddSingleton(CreateLimits<SiloMessagingOptions>);
        services.TryAddSingleton<NetworkSwitch>();
        services.TryAddSingleton<SiloListeners>();
        services.TryAddSingleton(provider => new Lazy<SiloListeners>(provider.GetRequiredService<SiloListeners>));
        services.TryAddSingleton<GrainClaims>();
        services.TryAddSingleton(provider => new Lazy<GrainClaims?>(provider.GetRequiredService<GrainClaims>));
        services.TryAddSingleton<Relocation>();
        services.TryAddSingleton(provider => new Lazy<Relocation>(provider.GetRequiredService<Relocation>));
        services.TryAddSingleton<ISiloProbe, SiloProbe>();
        services.TryAddSingleton(provider => CreateDialer(
            provider,
            ((SiloConnectionOptions.ISiloConnectionBuilderOptions)provider.GetRequiredService<IOptions<SiloConnectionOptions>>().Value)
                .ConfigureSiloOutboundBuilder));

        services.TryAddSingleton<IGrainRuntime, GrainRuntime>();
        services.TryAddSingleton<ITimerRegistry, TimerRegistry>();
        services.TryAddScoped<ActivationComponents>();
        services.TryAddTransient(provider => provider.GetRequiredService<ActivationComponents>().Context
            ?? throw new InvalidOperationException("IGrainContext can only be used in the services of an activation."));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, GrainCollectionOptionsValidator>());
        _ = services.AddHostedService<SiloHostedService>();
    }

    public static void AddClient(IServiceCollection services)
    {
        AddCommon(services);
        services.TryAddSingleton(_ => new SiloGate("The client has not started"));
        services.TryAddSingleton<IRequestRouter, ClientRouter>();
        services.TryAddSingleton(CreateSettings<ClientMessagingOptions>);
        services.TryAddSingleton(_ => LocalProcess.NewClient());
        services.TryAddSingleton(CreateLimits<ClientMessagingOptions>);
        services.TryAddSingleton(_ => new Lazy<GrainClaims?>(() => null));
        services.TryAddSingleton(provider => CreateDialer(
            provider, provider.GetRequiredService<IOptions<ClientConnectionOptions>>().Value.ConfigureConnectionBuilder));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, ClientClusteringValidator>());
        _ = services.AddHostedService<ClientHostedService>();
    }

    private static void AddCommon(IServiceCollection services)
    {
        _ = services.AddLogging().AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new ApplicationTypes());
        services.TryAddSingleton<GrainTypeMap>();
        services.TryAddSingleton<ObserverRegistry>();
        services.TryAddSingleton(provider => new Lazy<IRequestRouter>(provider.GetRequiredService<IRequestRouter>));
        services.TryAddSingleton<Caller>();
        services.TryAddSingleton<ReferenceFactory>();
        services.TryAddSingleton(provider => new Lazy<ReferenceFactory>(provider.GetRequiredService<ReferenceFactory>));
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ReferenceFactory>());
        services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<ReferenceFactory>());

        services.TryAddSingleton<MessageSerializer>();
        services.TryAddSingleton<RemoteMethods>();
        services.TryAddSingleton<Placement>();
        services.TryAddSingleton<ClusterNetwork>();
        services.TryAddSingleton(provider => new Lazy<ClusterNetwork>(provider.GetRequiredService<ClusterNetwork>));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, ClusterOptionsValidator>());
    }

    private static CallSettings CreateSettings<TOptions>(IServiceProvider services)
        where TOptions : MessagingOptions
    {
        var options = services.GetRequiredService<IOptions<TOptions>>().Value;
        return new CallSettings(
            services.GetRequiredService<TimeProvider>(), options.ResponseTimeout, options.DropExpiredMessages, options.CancelRequestOnTimeout);
    }

    private static NetworkLimits CreateLimits<TOptions>(IServiceProvider services)
        where TOptions : MessagingOptions
    {
        var options = services.GetRequiredService<IOptions<TOptions>>().Value;
        return new NetworkLimits(options.MaxMessageHeaderSize, options.MaxMessageBodySize);
    }

    private static Dialer CreateDialer(IServiceProvider services, Action<IConnectionBuilder> middleware) =>
        new(middleware, services, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>());
}
