using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Forwarding;

/// <summary>Tells requests that stream both ways from those that can be buffered.</summary>
internal static class Streams
{
    /// <summary>gRPC: request and response may take turns, so neither can be taken in first.</summary>
    public static bool IsDuplex(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) && !HttpProtocol.IsHttp11(request.Protocol);

    /// <summary>What takes turns, or becomes a tunnel, needs its client at the other end.</summary>
    public static bool NeedClient(HttpContext context) =>
        IsDuplex(context.Request)
        || context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <summary>Puts a watch on the request if it asks for a tunnel.</summary>
    public static void WatchUpgrade(IFeatureCollection features, Run run)
    {
        var upgrade = features.Get<IHttpUpgradeFeature>();
        var connect = features.Get<IHttpExtendedConnectFeature>();
        if (upgrade is { IsUpgradableRequest: true } || connect is { IsExtendedConnect: true })
        {
            var watch = new UpgradeWatch(run, upgrade, connect);
            features.Set<IHttpUpgradeFeature>(watch);
            features.Set<IHttpExtendedConnectFeature>(watch);
        }
    }
}
