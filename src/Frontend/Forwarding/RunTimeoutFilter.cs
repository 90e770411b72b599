using Admission.Frontend.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// For protected clusters the policy's <c>RunTimeout</c> bounds a request, so YARP's own activity time-out (100 s without a byte) does not cut a longer one
/// short, unless the cluster sets it. A policy that is not enforced bounds nothing.
/// </summary>
internal sealed class RunTimeoutFilter(AdmissionSection section) : IProxyConfigFilter
{
    private static readonly TimeSpan BeyondAnyRunTimeout = TimeSpan.FromHours(25);

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var request = cluster.HttpRequest ?? ForwarderRequestConfig.Empty;
        var policy = section.Section.GetSection($"Backends:{cluster.ClusterId}");
        return new(request.ActivityTimeout is null && policy.Exists() && !(bool.TryParse(policy["Shadow"], out var isShadow) && isShadow)
            ? cluster with { HttpRequest = request with { ActivityTimeout = BeyondAnyRunTimeout } }
            : cluster);
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => new(route);
}
