using Admission.Frontend.Discovery;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads and checks YARP's section without applying it, so that its mistakes are reported together with ours.</summary>
internal static class YarpConfiguration
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "ReverseProxy";

    /// <summary>Reads the section as YARP reads it.</summary>
    public static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) Read(IConfigurationSection section, List<string> errors)
    {
        // YARP's reader is not public, but the provider that it registers is.
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(section);
        using var provider = services.BuildServiceProvider();
        try
        {
            var config = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
            return (config.Routes, config.Clusters);
        }
        catch (Exception wrong)
        {
            errors.Add($"{section.Path}: {wrong.Message}");
            return ([], []);
        }
    }

    /// <summary>Asks YARP's own rules, and for what YARP only finds out with the first request.</summary>
    public static async Task CheckAsync(
        IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters, IConfigValidator validator, List<string> errors)
    {
        foreach (var cluster in clusters)
        {
            Add(errors, $"{SectionName}:Clusters:{cluster.ClusterId}", await validator.ValidateClusterAsync(cluster));
            if (cluster.Destinations is not { Count: > 0 })
            {
                errors.Add($"{SectionName}:Clusters:{cluster.ClusterId}:Destinations: missing. Give at least one destination with its Address.");
            }
        }

        foreach (var cluster in clusters)
        {
            foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            {
                if (Resolving.Read(destination, out var wrong) is null && wrong is not null)
                {
                    errors.Add($"{SectionName}:Clusters:{cluster.ClusterId}:Destinations:{name}:{wrong}");
                }
            }
        }

        foreach (var route in routes)
        {
            var path = $"{SectionName}:Routes:{route.RouteId}";
            Add(errors, path, await validator.ValidateRouteAsync(route));
            RouteSettings.Check(route, errors);
            if (!clusters.Any(cluster => string.Equals(cluster.ClusterId, route.ClusterId, StringComparison.OrdinalIgnoreCase)))
            {
                var meant = Spelling.DidYouMean(route.ClusterId ?? "", clusters.Select(cluster => cluster.ClusterId));
                errors.Add($"{path}:ClusterId: there is no cluster '{route.ClusterId}' in {SectionName}:Clusters.{meant}");
            }
        }
    }

    private static void Add(List<string> errors, string path, IEnumerable<Exception> found) =>
        errors.AddRange(found.Select(exception => $"{path}: {exception.Message}"));
}
