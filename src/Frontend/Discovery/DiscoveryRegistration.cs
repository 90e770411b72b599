using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Admission.Frontend.Discovery;

/// <summary>Puts <see cref="DnsDestinations"/> in the place of YARP's resolver that does nothing.</summary>
internal static class DiscoveryRegistration
{
    private const string Nothing = "NoOpDestinationResolver";

    /// <summary>Adds it, unless the application has chosen a resolver of its own.</summary>
    public static void AddDnsDestinations(this IServiceCollection services)
    {
        if (services.LastOrDefault(static service => service.ServiceType == typeof(IDestinationResolver)) is { } chosen && chosen.ImplementationType?.Name != Nothing)
        {
            return;
        }

        services.TryAddSingleton<IHostAddresses, SystemHostAddresses>();
        services.TryAddSingleton<DnsDestinations>();
        services.Replace(ServiceDescriptor.Singleton<IDestinationResolver>(static provider => provider.GetRequiredService<DnsDestinations>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigChangeListener, DnsDestinations>(static provider => provider.GetRequiredService<DnsDestinations>()));
    }
}
