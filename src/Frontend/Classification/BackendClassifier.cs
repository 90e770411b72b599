using System.Runtime.CompilerServices;
using Admission.Frontend.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Classification;

/// <summary>A backend's settings in force, with what they mean for each of its routes. Replaced as a whole when they change.</summary>
internal sealed class BackendClassifier
{
    private readonly CostTable? _costs;
    private readonly ConditionalWeakTable<RouteConfig, RouteClassifier> _routes = [];
    private readonly ConditionalWeakTable<RouteConfig, RouteClassifier>.CreateValueCallback _create;

    public BackendClassifier(BackendSettings settings)
        : this(settings, settings.Classify.Estimate is { } estimate ? new CostTable(estimate.Reference) : null)
    {
    }

    private BackendClassifier(BackendSettings settings, CostTable? costs)
    {
        Settings = settings;
        _costs = costs;
        _create = route => new RouteClassifier(Settings, route, _costs);
    }

    /// <summary>The settings.</summary>
    public BackendSettings Settings { get; }

    /// <summary>What they mean for a route.</summary>
    public RouteClassifier For(RouteConfig route) => _routes.GetValue(route, _create);

    /// <summary>The same for changed settings. What has been measured stays, unless it is to be measured otherwise.</summary>
    public BackendClassifier With(BackendSettings settings)
    {
        var (old, wanted) = (Settings.Classify.Estimate, settings.Classify.Estimate);
        return old is not null && wanted is not null && old.Reference == wanted.Reference && old.PathSegments == wanted.PathSegments
            ? new BackendClassifier(settings, _costs)
            : new BackendClassifier(settings);
    }
}
