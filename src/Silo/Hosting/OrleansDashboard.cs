using Admission.Grains;
using Admission.Grains.Cluster;
using Orleans.Hosting;

namespace Admission.Silo.Hosting;

/// <summary>
/// Orleans' own dashboard, which tells of grains and calls in general, beside ours, which tells of limits. Only real Orleans has it: the parts that use it are in <c>RealOrleans/</c>, and are left out of a build on the fallback.
/// </summary>
internal static partial class OrleansDashboard
{
    /// <summary>Where it is.</summary>
    public const string Path = "/admission/orleans";

    /// <summary>Whether it is asked for where it cannot be.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="mistakes">Takes what is wrong.</param>
    public static void Check(ClusterSettings? settings, List<string> mistakes)
    {
        if (settings is { OrleansDashboard: true } && !EngineInfo.Current.ForProduction)
        {
            mistakes.Add($"Cluster:OrleansDashboard: this build runs on {EngineInfo.Current}, which has no dashboard of Orleans. Build with a package feed that has Orleans, or take the setting away.");
        }
    }

    /// <summary>Has the silo collect what it shows.</summary>
    public static void AddTo(ISiloBuilder silo, ClusterSettings settings)
    {
        if (settings.OrleansDashboard)
        {
            Add(silo);
        }
    }

    /// <summary>Serves it, for operators: it shows the states of grains.</summary>
    public static void MapTo(WebApplication app, ClusterSettings settings)
    {
        if (settings.OrleansDashboard)
        {
            Map(app);
        }
    }

    static partial void Add(ISiloBuilder silo);

    static partial void Map(WebApplication app);
}
