using System.Text.Json;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Microsoft.Net.Http.Headers;

namespace Admission.Frontend.Api.Policies;

/// <summary><c>/backends/{id}/policy</c>: what is in force, changed while it runs, and what has changed before. docs/admin.md has examples.</summary>
internal static class PolicyApi
{
    private const string MergePatch = "application/merge-patch+json";

    /// <summary>Maps the addresses.</summary>
    public static void MapPolicies(this RouteGroupBuilder api)
    {
        api.MapGet("/backends/{id}/policy", GetAsync);
        api.MapPatch("/backends/{id}/policy", PatchAsync).RequireOperator();
        api.MapDelete("/backends/{id}/policy/adjustment", RemoveAsync).RequireOperator();
        api.MapGet("/backends/{id}/policy/history", HistoryAsync);
        api.MapPost("/backends/{id}/pause", (string id, HttpContext context, BackendTable backends, PolicyDesk desk) =>
            ChangeAsync(id, context, backends, desk, static policy => Present(policy) with { Paused = true })).RequireOperator();
        api.MapPost("/backends/{id}/resume", (string id, HttpContext context, BackendTable backends, PolicyDesk desk) =>
            ChangeAsync(id, context, backends, desk, static policy => Present(policy) with { Paused = false })).RequireOperator();
        api.MapPost("/backends/{id}/destinations/{destination}/drain", (string id, string destination, HttpContext context, BackendTable backends, PolicyDesk desk) =>
            ChangeAsync(id, context, backends, desk, policy => Present(policy).WithDrained(policy.Configured, destination, true))).RequireOperator();
        api.MapPost("/backends/{id}/destinations/{destination}/undrain", (string id, string destination, HttpContext context, BackendTable backends, PolicyDesk desk) =>
            ChangeAsync(id, context, backends, desk, policy => Present(policy).WithDrained(policy.Configured, destination, false))).RequireOperator();
    }

    private static Task<IResult> GetAsync(string id, HttpContext context, BackendTable backends, PolicyDesk desk) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        if (await desk.DescribeAsync(backend.Id, context.RequestAborted) is not { } policy)
        {
            return null;
        }

        var etag = PolicyDesk.ETag(policy.Version);
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(EntityTagHeaderValue.Parse(etag), useStrongComparison: false)))
        {
            context.Response.Headers.ETag = etag;
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return Told(context, backend, policy);
    });

    private static Task<IResult> PatchAsync(string id, HttpContext context, BackendTable backends, PolicyDesk desk) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        var (patch, unreadable) = await ReadAsync(context, backend.Id);
        using (patch)
        {
            if (unreadable is not null)
            {
                return AdmissionApi.Answer(unreadable);
            }

            if (await desk.DescribeAsync(backend.Id, context.RequestAborted) is not { } policy)
            {
                return null;
            }

            if (Precondition(context, backend.Id, policy) is { } unmet)
            {
                return Refused(context, policy, unmet);
            }

            var errors = new List<string>();
            var adjustment = PolicyPatch.Apply(Present(policy), policy.Configured!, patch!.RootElement, errors);
            if (errors.Count > 0)
            {
                // With what the ledger would find, so that all is told at once.
                errors.AddRange(new AdjustedPolicy(policy.Configured!, adjustment).Mistakes);
                return Refused(context, policy, PolicyProblems.Invalid(backend.Id, errors));
            }

            return Answer(context, backend, await desk.PutAsync(backend, Operators.NameOf(context), policy.Version, adjustment, context.RequestAborted));
        }
    });

    private static Task<IResult> RemoveAsync(string id, HttpContext context, BackendTable backends, PolicyDesk desk) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        if (await desk.DescribeAsync(backend.Id, context.RequestAborted) is not { } policy)
        {
            return null;
        }

        return Precondition(context, backend.Id, policy) is { } unmet
            ? Refused(context, policy, unmet)
            : Answer(context, backend, await desk.PutAsync(backend, Operators.NameOf(context), policy.Version, PolicyAdjustment.None, context.RequestAborted));
    });

    private static Task<IResult> HistoryAsync(string id, BackendTable backends, PolicyDesk desk, CancellationToken cancellation) => LedgerQuestion.AskAsync(backends, id, async backend =>
        await desk.DescribeAsync(backend.Id, cancellation) is { } policy
            ? Results.Json(new HistoryView(backend.Id, [.. policy.History.Select(change => PolicyChangeView.Of(change))]))
            : null);

    private static Task<IResult> ChangeAsync(string id, HttpContext context, BackendTable backends, PolicyDesk desk, Func<PolicyDescription, PolicyAdjustment> change) =>
        LedgerQuestion.AskAsync(backends, id, async backend =>
            Answer(context, backend, await desk.ChangeAsync(backend, Operators.NameOf(context), change, context.RequestAborted)));

    private static PolicyAdjustment Present(PolicyDescription policy) => policy.Adjustment ?? PolicyAdjustment.None;

    /// <summary>What keeps a change from being made; null if it says which policy it is meant for, and that is the present one.</summary>
    private static Problem? Precondition(HttpContext context, string backend, PolicyDescription policy)
    {
        var etag = PolicyDesk.ETag(policy.Version);
        var named = context.Request.GetTypedHeaders().IfMatch;
        return named.Count == 0 ? PolicyProblems.NoPrecondition(backend, etag)
            : named.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(EntityTagHeaderValue.Parse(etag), useStrongComparison: true)) ? null
            : PolicyProblems.Stale(backend, etag);
    }

    private static async Task<(JsonDocument? Patch, Problem? Problem)> ReadAsync(HttpContext context, string backend)
    {
        var request = context.Request;
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.Value : null;
        if (!string.Equals(type, MergePatch, StringComparison.OrdinalIgnoreCase) && !string.Equals(type, "application/json", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers["Accept-Patch"] = MergePatch;
            return (null, PolicyProblems.NotAPatch(backend, request.ContentType));
        }

        var body = new byte[PolicyProblems.LargestPatch + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, context.RequestAborted);
        if (length == body.Length)
        {
            return (null, PolicyProblems.TooLarge(backend));
        }

        try
        {
            var document = JsonBody.Parse(body.AsMemory(0, length), depth: 8);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return (document, null);
            }

            document.Dispose();
            return (null, PolicyProblems.NoJson(backend, "it is something else."));
        }
        catch (JsonException mistake)
        {
            return (null, PolicyProblems.NoJson(backend, mistake.Message));
        }
    }

    private static IResult? Answer(HttpContext context, Backend backend, (PolicyDescription? Policy, Problem? Problem) done) =>
        done.Problem is not null ? AdmissionApi.Answer(done.Problem) : done.Policy is not null ? Told(context, backend, done.Policy) : null;

    private static IResult Refused(HttpContext context, PolicyDescription policy, Problem problem)
    {
        context.Response.Headers.ETag = PolicyDesk.ETag(policy.Version);
        return AdmissionApi.Answer(problem);
    }

    private static IResult Told(HttpContext context, Backend backend, PolicyDescription policy)
    {
        context.Response.Headers.ETag = PolicyDesk.ETag(policy.Version);
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Json(PolicyResourceView.Of(backend.Id, policy));
    }
}
