using Admission.Dashboard.Feed;
using Admission.Dashboard.Feed.Jobs;
using Admission.Dashboard.Feed.Ledgers;
using Admission.Grains.Cluster;
using Admission.Jobs.Running;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the dashboard's data.</summary>
public static class DashboardFeedExtensions
{
    /// <summary>
    /// Adds <see cref="IDashboardFeed"/> and <see cref="IDashboardDesk"/>. Needs a silo or an Orleans client, and an <see cref="IBackendDirectory"/>, which a gateway registers; a silo of a cluster takes the one of its
    /// database. Calling it again changes nothing.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddDashboardFeed(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static services => new BackendList(
            services.GetService<IBackendDirectory>() ?? ActivatorUtilities.CreateInstance<ClusterBackends>(services), services.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(JobsOf);
        services.TryAddSingleton<IDashboardFeed, DashboardFeed>();
        services.TryAddSingleton<IDashboardDesk, DashboardDesk>();
        return services;
    }

    private static IJobsDoor JobsOf(IServiceProvider services) =>
        services.GetService<JobService>() is { } gateway ? new GatewayJobs(gateway)
        : services.GetService<ClusterSettings>() is { } settings ? new DatabaseJobs(settings, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>())
        : new NoJobs();
}
