using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Admission.Client;

/// <summary>Registers the client.</summary>
public static class AdmissionClientExtensions
{
    /// <summary>Adds <see cref="AdmissionClient"/>. Needs an Orleans client or a co-hosted silo; calling it again changes nothing but the options.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options; null for the defaults.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAdmissionClient(this IServiceCollection services, Action<AdmissionClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<AdmissionClientOptions>()
            .Validate(
                options => options.HolderName.Length is > 0 and <= AdmissionClientOptions.LongestName,
                $"HolderName: give a name of 1 to {AdmissionClientOptions.LongestName} characters.")
            .Validate(
                options => options.HasPossibleRetries,
                "ShortestRetry, LongestRetry: give durations from 1 ms to 1 minute, the shortest no longer than the longest.")
            .ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AdmissionClient>();
        return services;
    }
}
