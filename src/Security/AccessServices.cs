using Admission.Security.Callers;
using Admission.Security.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Admission.Security;

/// <summary>What decides who may.</summary>
internal static class AccessServices
{
    /// <summary>Adds it; without schemes of ASP.NET's, so that those of an application of somebody's own stay as they are. Calling it again changes nothing.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">Finds the section <c>Admission:Security</c>; a change of its keys is applied live.</param>
    public static void AddAccess(this IServiceCollection services, Func<IServiceProvider, IConfigurationSection> section)
    {
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new SecurityState(section(provider), provider.GetRequiredService<ILogger<SecurityState>>()));
        services.TryAddSingleton<FailedAttempts>();
        services.TryAddSingleton<AccessGate>();
    }
}
