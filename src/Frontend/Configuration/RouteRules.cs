using Admission.Capacity;
using Admission.Frontend.Classification;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>What a route may say depends on its backend: a time that could only be shorter, a priority that the backend knows.</summary>
internal static class RouteRules
{
    /// <summary>Reports what the routes say wrong about their backends.</summary>
    /// <param name="routes">All routes.</param>
    /// <param name="settings">The backends.</param>
    /// <param name="admission">The path of the section <c>Admission</c>. A backend that has mistakes itself is not judged by.</param>
    /// <param name="errors">Takes the mistakes.</param>
    public static void Check(IReadOnlyList<RouteConfig> routes, AdmissionSettings settings, string admission, List<string> errors)
    {
        var broken = errors.ToArray();
        foreach (var route in routes)
        {
            var prefix = $"{admission}:Backends:{route.ClusterId}:";
            if (settings.Backends.TryGetValue(route.ClusterId ?? "", out var backend)
                && !broken.Any(error => error.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                Check(RouteSettings.Of(route), backend, (key, mistake) => errors.Add($"{RouteSettings.PathOf(route, key)}: {mistake}"));
            }
        }
    }

    private static void Check(RouteSettings route, BackendSettings backend, Action<string, string> error)
    {
        var policy = backend.Policy;
        if (route.Priority is { } priority && !PriorityNames.TryParse(policy, priority, out _))
        {
            error(RouteSettings.PriorityKey, $"'{priority}' is not possible. Give {PriorityNames.Accepted(policy)}.");
        }

        if (route.RunTimeout > policy.RunTimeout)
        {
            error(RouteSettings.RunTimeoutKey, $"{route.RunTimeout:c} is longer than the backend's RunTimeout, {policy.RunTimeout:c}, and a route can only shorten that.");
        }

        if (policy.Overflow == Overflow.Wait && route.MaxWait > policy.MaxWait)
        {
            error(RouteSettings.MaxWaitKey, $"{route.MaxWait:c} is longer than the backend's Queue:MaxWait, {policy.MaxWait:c}, and a route can only shorten that.");
        }

        if (route.Hold.MaxWait is not null && HoldReader.MissingQueue(policy) is { } mistake)
        {
            error(RouteSettings.HoldMaxWaitKey, mistake);
        }

        if (route.WeightFrom?.Any(source => source.Kind == SourceKind.Estimate) == true && backend.Classify.Estimate is null)
        {
            error(RouteSettings.WeightFromKey, "the backend does not say how an Estimate is made. Give it Classify:Estimate:Reference, the time that one permit stands for.");
        }
    }
}
