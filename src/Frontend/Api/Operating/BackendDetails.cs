using System.Globalization;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Security;

namespace Admission.Frontend.Api.Operating;

/// <summary>One backend in parts: whether it has room, its destinations, its holders, and who waits.</summary>
internal static class BackendDetails
{
    /// <summary>Maps the addresses.</summary>
    public static void MapBackendDetails(this RouteGroupBuilder api)
    {
        api.MapGet("/backends/{id}/ready", Ready).Guard(new AccessMetadata(AccessRole.Client));
        api.MapGet("/backends/{id}/destinations", (string id, BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation) =>
            DescribeAsync(id, backends, client, time, cancellation, (backend, described) => new DestinationsView(backend, DestinationView.All(described))));
        api.MapGet("/backends/{id}/holders", (string id, BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation) =>
            DescribeAsync(id, backends, client, time, cancellation, (backend, described) => new HoldersView(backend, HolderView.All(described))));
        api.MapGet("/backends/{id}/tickets", TicketsAsync);
    }

    // Answered from what this gateway knows: no message, so that whoever asks often costs nothing.
    private static IResult Ready(string id, HttpContext context, BackendTable backends, AdmissionClient client)
    {
        if (!backends.TryGet(id, out var backend))
        {
            return AdmissionApi.Answer(AdmissionApi.UnknownBackend(id));
        }

        context.Response.Headers.CacheControl = "no-store";
        if (backend is null or { Settings.IsEnforced: false })
        {
            return Results.Json(ReadyView.Unlimited(backend?.Id ?? id));
        }

        if (client.ReadinessOf(backend.Id) is not { } ready)
        {
            return AdmissionApi.Answer(new Problem(StatusCodes.Status503ServiceUnavailable, "starting", "The gateway is starting",
                $"This gateway has just begun with the backend '{backend.Id}'. Try again in a second.", backend.Id)
            { RetryAfter = 1 });
        }

        var view = ReadyView.Of(backend.Id, ready);
        if (!view.Ready)
        {
            context.Response.Headers[Problem.ReasonHeader] = view.Reason;
            context.Response.Headers.RetryAfter = view.RetryAfter!.Value.ToString(CultureInfo.InvariantCulture);
        }

        return Results.Json(view, statusCode: view.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static Task<IResult> TicketsAsync(string id, HttpRequest request, BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation) =>
        LedgerQuestion.AskAsync(backends, id, async backend =>
        {
            var query = new QueryReader(request.Query);
            var asked = new WaitingQuery
            {
                Count = (int)(query.Number("limit", 1, WaitingQuery.Most) ?? 50),
                After = query.Number("after", 0, long.MaxValue) ?? 0,
                Priority = (int?)query.Number("priority", 0, Priorities.Lowest),
                Tenant = query.Text("tenant"),
            };
            if (query.Mistake is not null)
            {
                return AdmissionApi.Answer(query.Mistake);
            }

            return await client.WaitingAsync(backend.Id, asked, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is { } page
                ? Results.Json(TicketsView.Of(backend.Id, page, asked))
                : null;
        });

    private static Task<IResult> DescribeAsync<TView>(
        string id, BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation, Func<string, BackendDescription, TView> view) =>
        LedgerQuestion.AskAsync(backends, id, async backend =>
            await client.DescribeAsync(backend.Id, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is { } described
                ? Results.Json(view(backend.Id, described))
                : null);
}
