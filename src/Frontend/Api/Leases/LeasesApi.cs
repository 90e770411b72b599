using System.Globalization;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Security;
using Admission.Security.Callers;

namespace Admission.Frontend.Api.Leases;

/// <summary><c>/backends/{id}/leases</c>: any program takes permits of a backend, renews them, and gives them back. docs/leases.md tells how to use it.</summary>
internal static class LeasesApi
{
    /// <summary>Maps the addresses.</summary>
    public static void MapLeases(this IEndpointRouteBuilder endpoints)
    {
        var leases = endpoints.MapGroup("/admission/v1/backends/{id}/leases").Guard(new AccessMetadata(AccessRole.Holder));
        leases.MapPost("", TakeAsync);
        leases.MapPost("/batch", TakeSeveralAsync);
        leases.MapPost("/renew", (string id, HttpContext context, BackendTable backends, AdmissionClient client) => AskOfSeveralAsync(id, context, backends, client.RenewLeasesAsync));
        leases.MapPost("/release", (string id, HttpContext context, BackendTable backends, AdmissionClient client) => AskOfSeveralAsync(id, context, backends, client.ReleaseLeasesAsync));
        leases.MapGet("/{lease}", (string id, string lease, HttpContext context, BackendTable backends, AdmissionClient client) => AskAsync(id, lease, context, backends, client.LookAtLeasesAsync));
        leases.MapPut("/{lease}", (string id, string lease, HttpContext context, BackendTable backends, AdmissionClient client) => AskAsync(id, lease, context, backends, client.RenewLeasesAsync));
        leases.MapDelete("/{lease}", (string id, string lease, HttpContext context, BackendTable backends, AdmissionClient client) => AskAsync(id, lease, context, backends, client.ReleaseLeasesAsync));
        endpoints.MapGet("/admission/v1/backends/{id}/leases", ListAsync).RequireViewer();
    }

    /// <summary>The tenant that a key proves, whose all its leases are; null for none.</summary>
    private static string? TenantOf(HttpContext context) => context.Features.Get<Caller>()?.User?.FindFirst(Caller.TenantClaim)?.Value;

    private delegate Task<LeaseStatus[]?> Ask(string backend, IReadOnlyCollection<LeaseId> ids, CancellationToken cancellation);

    private static Task<IResult> TakeAsync(string id, HttpContext context, BackendTable backends, AdmissionClient client) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        var (body, problem) = await LeaseBody.ReadAsync(context, backend.Id);
        using (body)
        {
            var errors = new List<string>();
            var wanted = body is null ? default : LeaseBody.Read(backend, body.RootElement, "", TenantOf(context), errors);
            if (problem is not null || errors.Count > 0)
            {
                return AdmissionApi.Answer(problem ?? LeaseProblems.Invalid(backend.Id, errors));
            }

            var answer = await client.LeaseAsync(backend.Id, wanted.Request, wanted.Ttl, context.RequestAborted);
            if (answer.State == LeaseState.Held && context.RequestAborted.IsCancellationRequested)
            {
                // Nobody will hear of it.
                await client.ReleaseLeasesAsync(backend.Id, [answer.Id], CancellationToken.None);
            }

            // Who renews every third of the time-to-live would come too late for one whose record took most of it.
            var (state, left) = answer.State == LeaseState.Held && answer.Left < wanted.Ttl / 2
                ? await RenewAsync(client, backend, answer.Id, context.RequestAborted)
                : (answer.State, answer.Left);
            return Told(context, backend, answer, wanted, state, left);
        }
    });

    /// <summary>Renews a lease before it is told, as a batch does; where that cannot be, it is given back.</summary>
    private static async Task<(LeaseState State, TimeSpan Left)> RenewAsync(AdmissionClient client, Backend backend, LeaseId lease, CancellationToken left)
    {
        var isHeld = false;
        try
        {
            var statuses = await client.RenewLeasesAsync(backend.Id, [lease], left);
            isHeld = statuses is [{ Lease.State: LeaseState.Held }];
            return isHeld ? (LeaseState.Held, statuses![0].Left) : (LeaseState.Unconfirmed, TimeSpan.Zero);
        }
        finally
        {
            if (!isHeld)
            {
                await client.ReleaseLeasesAsync(backend.Id, [lease], CancellationToken.None);
            }
        }
    }

    private static IResult Told(HttpContext context, Backend backend, LeaseAnswer answer, in WantedLease wanted, LeaseState state, TimeSpan left)
    {
        var ticket = answer.NameTicket();
        if (answer.Refusal is { } refusal)
        {
            return new RefusalResult(backend, refusal, wanted.Request.Weight > 1, ticket);
        }

        if (state != LeaseState.Held)
        {
            return AdmissionApi.Answer(LeaseProblems.Of(backend.Id, state));
        }

        if (!ticket.IsNone)
        {
            context.Response.Headers[Problem.TicketHeader] = ticket.ToString();
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = $"/admission/v1/backends/{Uri.EscapeDataString(backend.Id)}/leases/{answer.Id}";
        return Results.Json(LeaseView.Of(backend.Id, answer, wanted) with { ExpiresIn = left.TotalSeconds }, statusCode: StatusCodes.Status201Created);
    }

    private static Task<IResult> TakeSeveralAsync(string id, HttpContext context, BackendTable backends, AdmissionClient client) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        var (body, problem) = await LeaseBody.ReadAsync(context, backend.Id);
        using (body)
        {
            var errors = new List<string>();
            var wanted = body is null ? [] : LeaseBody.Array(body.RootElement, "leases", LeaseBody.MostWanted, errors)
                .Select((each, place) => LeaseBody.Read(backend, each, string.Create(CultureInfo.InvariantCulture, $"leases[{place}]"), TenantOf(context), errors)).ToArray();
            if (problem is not null || errors.Count > 0)
            {
                return AdmissionApi.Answer(problem ?? LeaseProblems.Invalid(backend.Id, errors));
            }

            context.Response.Headers.CacheControl = "no-store";
            return await LeaseBatch.TakeAsync(client, backend, wanted, context.RequestAborted) is { } results ? Results.Json(new LeaseResultsView(backend.Id, results)) : null;
        }
    });

    /// <summary>Asks the ledger of one lease. A second release is answered as the first.</summary>
    private static Task<IResult> AskAsync(string id, string lease, HttpContext context, BackendTable backends, Ask ask) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        if (!LeaseId.TryParse(lease, out var name))
        {
            return AdmissionApi.Answer(LeaseProblems.Of(backend.Id, LeaseState.Unknown));
        }

        if (await ask(backend.Id, [name], context.RequestAborted) is not [var status])
        {
            return null;
        }

        context.Response.Headers.CacheControl = "no-store";
        return status.Lease.State switch
        {
            LeaseState.Released when HttpMethods.IsDelete(context.Request.Method) => Results.NoContent(),
            LeaseState.Held => Results.Json(LeaseView.Of(backend.Id, name, status)),
            _ => AdmissionApi.Answer(LeaseProblems.Of(backend.Id, status.Lease.State)),
        };
    });

    private static Task<IResult> AskOfSeveralAsync(string id, HttpContext context, BackendTable backends, Ask ask) => LedgerQuestion.AskAsync(backends, id, async backend =>
    {
        var (body, problem) = await LeaseBody.ReadAsync(context, backend.Id);
        using (body)
        {
            var errors = new List<string>();
            var texts = body is null ? [] : LeaseBody.Array(body.RootElement, "ids", LeaseRules.MostPerCall, errors);
            var ids = new LeaseId[texts.Length];
            for (var i = 0; i < ids.Length; i++)
            {
                if (texts[i].ValueKind != System.Text.Json.JsonValueKind.String || !LeaseId.TryParse(texts[i].GetString(), out ids[i]))
                {
                    errors.Add(string.Create(CultureInfo.InvariantCulture, $"ids[{i}]: this is no id of a lease."));
                }
            }

            if (problem is not null || errors.Count > 0)
            {
                return AdmissionApi.Answer(problem ?? LeaseProblems.Invalid(backend.Id, errors));
            }

            context.Response.Headers.CacheControl = "no-store";
            return await ask(backend.Id, ids, context.RequestAborted) is { } all
                ? Results.Json(new LeaseResultsView(backend.Id, [.. all.Select((status, place) => ResultOf(backend.Id, ids[place], status, context.Request.Path.Value!.EndsWith("/release", StringComparison.OrdinalIgnoreCase)))]))
                : null;
        }
    });

    private static LeaseResultView ResultOf(string backend, LeaseId id, in LeaseStatus status, bool releases)
    {
        if (status.Lease.State == LeaseState.Held)
        {
            return new LeaseResultView(StatusCodes.Status200OK, id.ToString(), LeaseView.Of(backend, id, status), null);
        }

        if (status.Lease.State == LeaseState.Released && releases)
        {
            return new LeaseResultView(StatusCodes.Status204NoContent, id.ToString(), null, null);
        }

        var problem = LeaseProblems.Of(backend, status.Lease.State);
        return new LeaseResultView(problem.Status, id.ToString(), null, LeaseProblems.AsNode(problem));
    }

    private static Task<IResult> ListAsync(string id, HttpRequest request, BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation) =>
        LedgerQuestion.AskAsync(backends, id, async backend =>
        {
            var query = new QueryReader(request.Query);
            var asked = new LeaseQuery { Count = (int)(query.Number("limit", 1, LeaseRules.MostPerCall) ?? 50), After = query.Number("after", 0, long.MaxValue) ?? 0 };
            if (query.Mistake is not null)
            {
                return AdmissionApi.Answer(query.Mistake);
            }

            return await client.LeasesAsync(backend.Id, asked, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is { } page
                ? Results.Json(LeasesView.Of(backend.Id, page, asked.Count))
                : null;
        });

    /// <summary>A refusal, as the gateway writes it to any request.</summary>
    private sealed class RefusalResult(Backend backend, Refusal refusal, bool heavy, TicketId ticket) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => RefusalText.WriteAsync(httpContext, backend, refusal, heavy, ticket);
    }
}
