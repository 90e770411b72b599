using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Deferring;

/// <summary>The pipeline that a live request goes through from admission on; stored ones go the same way.</summary>
internal sealed class JobPipeline
{
    private volatile RequestDelegate? _admission;

    /// <summary>The pipeline; null until the application has built it.</summary>
    public RequestDelegate? Admission => _admission;

    /// <summary>Takes the pipeline. An application with several has the same middleware in each, so that the first does.</summary>
    public void Attach(RequestDelegate admission) => _admission ??= admission;
}

/// <summary>Looks into YARP's feature.</summary>
internal static class ProxyFeatureExtensions
{
    public static string GetRouteId(this HttpContext context) => context.GetReverseProxyFeature().Route.Config.RouteId;
}
