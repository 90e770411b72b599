using Admission.Dashboard.Hosting;
using Admission.Security;
using Admission.Security.Configuration;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Radzen;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the dashboard's services.</summary>
public static class DashboardServiceCollectionExtensions
{
    /// <summary>
    /// Adds the dashboard. Needs an Orleans client or a silo in the process, and <see cref="AspNetCore.Builder.DashboardApplicationBuilderExtensions.MapAdmissionDashboard"/>, which serves it. Calling it
    /// again changes nothing.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAdmissionDashboard(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddAccess(static provider => provider.GetRequiredService<IConfiguration>().GetSection(SecurityReader.SectionName));
        services.AddDashboardFeed();
        services.AddRadzenComponents();
        services.TryAddSingleton<DashboardAssets>();
        services.AddRazorComponents().AddInteractiveServerComponents(static circuits =>
        {
            // A viewer whose connection breaks may come back to what was on the screen; all of this is memory of the host.
            circuits.DisconnectedCircuitMaxRetained = 20;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(1);
        });
        services.Replace(ServiceDescriptor.Scoped<AuthenticationStateProvider, ViewerSession>());
        services.TryAddScoped<DashboardViewer>();
        services.AddCascadingAuthenticationState();
        return services;
    }
}
