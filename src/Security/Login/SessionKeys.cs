using Admission.Security.Callers;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Security.Login;

/// <summary>Where the keys are kept with which sessions are encrypted (ASP.NET's data protection): where the state is, so that whoever may read the one may read the other.</summary>
internal static class SessionKeys
{
    /// <summary>In files of a folder, for a single process.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="dataFolder">The data folder. Not touched before the first session, or the first form.</param>
    public static void AddSessionKeysInFolder(this IServiceCollection services, string dataFolder)
    {
        services.AddDataProtection().SetApplicationName("admission");
        services.AddOptions<KeyManagementOptions>().Configure<ILoggerFactory>((options, loggers) => options.XmlRepository = new FolderKeyRing(Path.Combine(dataFolder, "keys"), loggers));
        services.ReadKeysWhenAsked();
    }

    /// <summary>In the cluster's database: a session holds on every silo and gateway.</summary>
    /// <param name="services">The host's services, with those of the cluster.</param>
    public static void AddSessionKeysInCluster(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("admission");

        // The options are made before the cluster's settings have been checked.
        services.AddSingleton<ClusterSessionKeys>();
        services.AddHostedService(static provider => provider.GetRequiredService<ClusterSessionKeys>());
        services.AddOptions<KeyManagementOptions>().Configure<ClusterSessionKeys>(static (options, keys) => options.XmlRepository = keys);
        services.AddOptions<AccessOptions>().Configure<ClusterSessionKeys>(static (options, keys) => options.SessionKeys = keys);
        services.ReadKeysWhenAsked();
    }

    // ASP.NET reads them while it starts, when the database may not be set up yet, and has an error in the log for it.
    private static void ReadKeysWhenAsked(this IServiceCollection services)
    {
        foreach (var early in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(IDataProtectionBuilder).Assembly).ToArray())
        {
            services.Remove(early);
        }

        // It warns that they are not encrypted where they lie, which is so, and which docs/security.md says.
        services.Configure<LoggerFilterOptions>(static options => options.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));
    }
}
