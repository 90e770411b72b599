using System.Net;
using Admission.Jobs;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Deferring;

/// <summary>Makes the context in which a stored request goes through the pipeline: like that of the live one, but that nobody is on the other side.</summary>
internal static class JobContext
{
    /// <summary>Makes one.</summary>
    /// <param name="claim">The job.</param>
    /// <param name="stored">Its request.</param>
    /// <param name="response">Takes the answer.</param>
    /// <param name="services">The services of this request.</param>
    /// <param name="route">The route that it came by.</param>
    /// <param name="cluster">The backend.</param>
    public static DefaultHttpContext Create(
        JobClaim claim, StoredRequest stored, JobResponse response, IServiceProvider services, RouteModel route, ClusterState cluster)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature());
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(response);
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(claim.Body.Length > 0));
        features.Set<IReverseProxyFeature>(new ReverseProxyFeature
        {
            Route = route,
            Cluster = cluster.Model,
            AllDestinations = cluster.DestinationsState.AllDestinations,
            AvailableDestinations = cluster.DestinationsState.AvailableDestinations,
        });
        var context = new DefaultHttpContext(features) { RequestServices = services, TraceIdentifier = claim.Id };
        var request = context.Request;
        request.Protocol = HttpProtocol.Http11;
        request.Method = stored.Method;
        request.Scheme = stored.Scheme;
        request.PathBase = new PathString(stored.PathBase);
        request.Path = new PathString(stored.Path);
        request.QueryString = new QueryString(stored.Query);
        JobHeaders.Restore(stored.Headers, request.Headers);
        request.Host = new HostString(stored.Host);
        foreach (var (name, value) in stored.RouteValues ?? new Dictionary<string, string>())
        {
            request.RouteValues[name] = value;
        }

        if (!request.Headers.ContainsKey(JobHeaders.IdempotencyKey))
        {
            request.Headers[JobHeaders.IdempotencyKey] = claim.Id;
        }

        if (claim.Body.Length > 0)
        {
            request.Body = new MemoryStream(claim.Body, writable: false);
            request.ContentLength = claim.Body.Length;
        }

        context.Connection.RemoteIpAddress = IPAddress.TryParse(stored.RemoteAddress, out var address) ? address : null;
        return context;
    }

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}
