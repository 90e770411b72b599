using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Api.Leases;
using Admission.Frontend.Api.Operating;
using Admission.Frontend.Api.Policies;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Frontend.Scaling;
using Admission.Frontend.Shutdown;
using Admission.Grains.Hosting;
using Admission.Security;

namespace Admission.Frontend.Api;

/// <summary>The gateway's own addresses: <c>/admission/v1</c> for viewers and operators, <c>/health</c> for everybody.</summary>
internal static class AdmissionApi
{
    /// <summary>How long an answer may take the ledger.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Maps the addresses.</summary>
    public static void MapAdmissionApi(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/admission/v1").RequireViewer();
        api.MapGet("/version", () => VersionView.Of(typeof(AdmissionApi).Assembly));
        api.MapGet("/backends", (AdmissionClient client, BackendTable backends, TimeProvider time, CancellationToken cancellation) =>
            DescribeAllAsync(client, backends, time, cancellation));
        api.MapGet("/backends/{id}", DescribeAsync);
        api.MapExplain();
        api.MapBackendDetails();
        api.MapScale();
        api.MapPolicies();
        api.MapAudit();
        api.MapCluster();
        api.MapOverview();
        api.MapOpenApi();
        api.Map("/{**rest}", UnknownAddress);
        endpoints.MapReservedAddresses();
        endpoints.MapLeases();
        endpoints.MapJobsApi();
        endpoints.MapGet("/health/live", () => Results.Json(HealthView.Live));
        endpoints.MapGet("/health/ready", (BackendTable backends, AdmissionClient client, IEnumerable<IHostedService> services) => Ready(backends, client, services));
    }

    private static async Task<IEnumerable<BackendView>> DescribeAllAsync(
        AdmissionClient client, BackendTable backends, TimeProvider time, CancellationToken cancellation)
    {
        var views = backends.All.OrderBy(backend => backend.Id, StringComparer.OrdinalIgnoreCase).Select(backend => ViewAsync(client, backend, time, cancellation));
        return await Task.WhenAll(views);
    }

    private static async Task<IResult> DescribeAsync(
        string id, AdmissionClient client, BackendTable backends, TimeProvider time, CancellationToken cancellation) =>
        backends.TryGet(id, out var backend) && backend is not null
            ? Results.Json(await ViewAsync(client, backend, time, cancellation))
            : Answer(UnknownBackend(id));

    private static IResult UnknownAddress(HttpRequest request) => Answer(new Problem(StatusCodes.Status404NotFound, "unknown-address", "The admin API has no such address",
        $"There is no {request.Method} {request.Path} in the admin API. /admission/v1/openapi.json lists what there is."));

    /// <summary>There is no such backend.</summary>
    internal static Problem UnknownBackend(string id) => new(StatusCodes.Status404NotFound, "unknown-backend", "The backend is not known",
        $"There is no policy for '{id}' in Admission:Backends. /admission/v1/backends lists those that there are.", id);

    private static async Task<BackendView> ViewAsync(AdmissionClient client, Backend backend, TimeProvider time, CancellationToken cancellation)
    {
        var settings = backend.Settings;
        var shadow = settings.ShadowPolicy is { } policy ? ShadowViewAsync(client, backend.Id, policy, time, cancellation) : null;
        var view = settings.IsEnforced ? await EnforcedViewAsync(client, backend, time, cancellation) : BackendView.NotProtected(backend.Id);
        return shadow is null ? view : view with { Shadow = await shadow };
    }

    private static async Task<ShadowView> ShadowViewAsync(AdmissionClient client, string backend, BackendPolicy policy, TimeProvider time, CancellationToken cancellation)
    {
        var here = client.ShadowOf(backend)?.Totals;
        try
        {
            return await client.DescribeShadowAsync(backend, cancellation).WaitAsync(Patience, time, cancellation) is { } described
                ? ShadowView.Of(described, here, time.GetUtcNow())
                : ShadowView.Unreachable("not configured yet", policy, here, time.GetUtcNow());
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return ShadowView.Unreachable(exception.Message, policy, here, time.GetUtcNow());
        }
    }

    private static async Task<BackendView> EnforcedViewAsync(AdmissionClient client, Backend backend, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            var described = client.DescribeAsync(backend.Id, cancellation);
            return await described.WaitAsync(Patience, time, cancellation) is { } description
                ? BackendView.Of(backend.Id, description, client.StateOf(backend.Id), client.Holder)
                : BackendView.Unreachable(backend.Id, "not configured yet", here: null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return BackendView.Unreachable(backend.Id, exception.Message, client.StateOf(backend.Id));
        }
    }

    private static IResult Ready(BackendTable backends, AdmissionClient client, IEnumerable<IHostedService> services)
    {
        var missing = backends.All.Where(backend => !backend.Delivered).Select(backend => $"the policy of '{backend.Id}' has not reached its ledger").ToList();
        if (backends.Waiting is { } waiting)
        {
            missing.Add(waiting);
        }

        missing.AddRange(backends.NotKnownYet);
        if (services.OfType<OrderlyShutdown>().Any(shutdown => shutdown.Begun))
        {
            missing.Add("the gateway is shutting down");
        }

        missing.AddRange(CutOff(backends, client));
        var health = HealthView.Ready(missing);
        return Results.Json(health, statusCode: health.StatusCode);
    }

    /// <summary>
    /// The ledgers that are missed, if nothing can be served for want of them. Who holds permits, or has a backend that answers, is better than
    /// none; who can only refuse should be preferred by no load balancer.
    /// </summary>
    private static IEnumerable<string> CutOff(BackendTable backends, AdmissionClient client)
    {
        var states = backends.All.Select(backend => (backend.Id, State: client.StateOf(backend.Id))).Where(each => each.State is not null).ToList();
        return states.Exists(each => each.State!.Value.HasLease)
            ? []
            : states.Where(each => each.State!.Value.IsCutOff).Select(each => $"the ledger of '{each.Id}' does not answer, and there is no lease on its permits");
    }

    /// <summary>A problem as an answer.</summary>
    internal static IResult Answer(Problem problem) => new ProblemResult(problem);

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);
    }
}
