using Admission.Frontend.Api;
using Admission.Frontend.Configuration;
using Admission.Frontend.Hosting;
using Admission.Grains.Cluster;
using Admission.Jobs;
using Admission.Jobs.Running;
using Admission.Jobs.Storage;
using Admission.Jobs.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Admission.Frontend.Deferring;

/// <summary>Registers deferred jobs: in the cluster's database where there is one, else in the data folder. Nothing is opened before a backend has jobs.</summary>
internal static class JobRegistration
{
    /// <summary>Adds them; doing so again changes nothing.</summary>
    public static void AddDeferredJobs(this IServiceCollection services)
    {
        services.TryAddSingleton<JobPipeline>();
        services.TryAddSingleton<ClaimKeeper>();
        services.TryAddSingleton<JobTender>();
        services.TryAddSingleton(static services => new CallbackSender(
            services.GetRequiredService<IJobStore>(), CreateClient(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<CallbackSender>>()));
        services.TryAddSingleton<IJobExecutor, JobExecutor>();
        services.TryAddSingleton<JobMetrics>();
        services.TryAddSingleton<IJobStore>(static services => new SqlJobStore(
            Database(services), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SqlJobStore>>(), services.GetRequiredService<JobMetrics>()));
        services.TryAddSingleton<JobService>();
        services.TryAddSingleton<JobWatchers>();
        services.TryAddSingleton<JobStreams>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, JobService>(static services => services.GetRequiredService<JobService>()));
    }

    // No redirects: they would lead away from the addresses that are allowed.
    private static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    });

    private static JobDatabase Database(IServiceProvider services)
    {
        if (services.GetService<ClusterSettings>() is { } cluster)
        {
            return new PostgresJobDatabase(cluster.ConnectionString, cluster.ServiceId, services.GetRequiredService<TimeProvider>());
        }

        var folder = services.GetRequiredService<AdmissionSection>().Section["DataFolder"] ?? GatewayHost.DefaultDataFolder;
        return new SqliteJobDatabase(Path.GetFullPath(folder), services.GetRequiredService<TimeProvider>());
    }
}
