using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Admission.Grains.Cluster;

/// <summary>Registers <see cref="ClusterStart"/>.</summary>
internal static class ClusterStartExtensions
{
    /// <summary>Adds the start in the background of all hosted services that are added here.</summary>
    /// <param name="services">The services.</param>
    /// <param name="settings">The cluster's settings.</param>
    /// <param name="add">Adds what belongs to the engine.</param>
    public static void AddClusterStart(this IServiceCollection services, ClusterSettings settings, Action add)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<ClusterDatabase>();
        services.AddSingleton<SiloDirectory>();
        services.AddSingleton<ISecretStore, PostgresSecretStore>();
        services.AddSingleton<ClusterKeys>();
        services.AddSingleton<Handshake>();
        services.AddSingleton<ClusterWaiting>();
        services.AddSingleton<ClusterStart>();
        services.AddHostedService(static services => services.GetRequiredService<ClusterStart>());

        var before = services.Where(IsHosted).ToHashSet();
        add();
        foreach (var added in services.Where(service => IsHosted(service) && !before.Contains(service)).ToArray())
        {
            services.Remove(added);
            services.AddKeyedSingleton(ClusterStart.ServiceKey, (services, _) => Create(services, added));
        }
    }

    private static bool IsHosted(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService) && !service.IsKeyedService;

    private static IHostedService Create(IServiceProvider services, ServiceDescriptor service) => (IHostedService)(
        service.ImplementationInstance
        ?? service.ImplementationFactory?.Invoke(services)
        ?? ActivatorUtilities.CreateInstance(services, service.ImplementationType!));
}
