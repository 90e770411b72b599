using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Messages;
using Orleans.Fallback.References;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Fallback.Engine;

/// <summary>The services of a silo and the client in it.</summary>
internal static class EngineServices
{
    public static void AddSilo(IServiceCollection services)
    {
        _ = services.AddLogging().AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        _ = services.PostConfigure<SiloOptions>(options => options.SiloName ??= $"Silo_{Guid.NewGuid().ToString("N")[..5]}");

        services.TryAddSingleton<LocalSilo>();
        services.TryAddSingleton<LocalMembership>();
        services.TryAddSingleton<IClusterMembership>(provider => provider.GetRequiredService<LocalMembership>());
        services.TryAddSingleton<IMembershipAgent>(provider => provider.GetRequiredService<LocalMembership>());
        services.TryAddSingleton(_ => new ApplicationTypes());
        services.TryAddSingleton<GrainTypeMap>();
        services.TryAddSingleton<GrainActivator>();
        services.TryAddSingleton<ObserverRegistry>();
        services.TryAddSingleton<SiloGate>();
        services.TryAddSingleton<IRequestRouter, Router>();
        services.TryAddSingleton(CreateSettings);
        services.TryAddSingleton<Caller>();
        services.TryAddSingleton<ReferenceFactory>();
        services.TryAddSingleton<MessageSerializer>();
        services.TryAddSingleton<Catalog>();
        services.TryAddSingleton(provider => new Lazy<Catalog>(provider.GetRequiredService<Catalog>));
        services.TryAddSingleton(provider => new Lazy<ReferenceFactory>(provider.GetRequiredService<ReferenceFactory>));

        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ReferenceFactory>());
        services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<ReferenceFactory>());
        services.TryAddSingleton<IGrainRuntime, GrainRuntime>();
        services.TryAddSingleton<ITimerRegistry, TimerRegistry>();
        services.TryAddScoped<ActivationComponents>();
        services.TryAddTransient(provider => provider.GetRequiredService<ActivationComponents>().Context
            ?? throw new InvalidOperationException("IGrainContext can only be used in the services of an activation."));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, GrainCollectionOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, ClusterOptionsValidator>());
        _ = services.AddHostedService<SiloHostedService>();
    }

    private static CallSettings CreateSettings(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value;
        return new CallSettings(
            services.GetRequiredService<TimeProvider>(), options.ResponseTimeout, options.DropExpiredMessages, options.CancelRequestOnTimeout);
    }
}
