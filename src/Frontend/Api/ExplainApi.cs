using System.Globalization;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>Why requests were refused, or had to wait: <c>explain</c> for one of them, <c>decisions</c> for the last ones of a backend.</summary>
internal static class ExplainApi
{
    private const string InvalidQuery = "invalid-query";

    /// <summary>Maps both.</summary>
    public static void MapExplain(this RouteGroupBuilder api)
    {
        api.MapGet("/backends/{id}/explain", ExplainAsync);
        api.MapGet("/backends/{id}/decisions", DecisionsAsync);
    }

    private static async Task<IResult> ExplainAsync(
        string id, HttpRequest request, AdmissionClient client, BackendTable backends, TimeProvider time, CancellationToken cancellation)
    {
        if (!backends.TryGet(id, out var backend) || backend is null)
        {
            return AdmissionApi.Answer(AdmissionApi.UnknownBackend(id));
        }

        var text = request.Query["ticket"].ToString();
        if (!TicketId.TryParse(text, out var ticket))
        {
            return AdmissionApi.Answer(new Problem(StatusCodes.Status400BadRequest, "invalid-ticket", "That is no ticket",
                $"The parameter ticket is '{Shorten(text)}'. Give the {TicketId.Length} characters that stand in the header {Problem.TicketHeader} of an answer, in \"ticket\" of its body, or in "
                + $"/admission/v1/backends/{backend.Id}/decisions.", backend.Id));
        }

        return await AskAsync(backend, async () =>
            await client.ExplainAsync(backend.Id, ticket, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is { Source: not ExplanationSource.Unknown } explained
                ? Results.Json(ExplanationView.Of(backend.Id, ticket, explained, time.GetUtcNow()))
                : AdmissionApi.Answer(backend.Settings.IsEnforced ? UnknownTicket(backend.Id, ticket) : Unprotected(backend.Id)));
    }

    private static async Task<IResult> DecisionsAsync(
        string id, HttpRequest request, AdmissionClient client, BackendTable backends, TimeProvider time, CancellationToken cancellation)
    {
        if (!backends.TryGet(id, out var backend) || backend is null)
        {
            return AdmissionApi.Answer(AdmissionApi.UnknownBackend(id));
        }

        var (query, mistake) = Read(request.Query);
        if (mistake is not null)
        {
            return AdmissionApi.Answer(new Problem(StatusCodes.Status400BadRequest, InvalidQuery, "A parameter of the query is not understood", mistake, backend.Id));
        }

        return await AskAsync(backend, async () =>
            await client.DecisionsAsync(backend.Id, query, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is { } page
                ? Results.Json(DecisionsView.Of(backend.Id, page, time.GetUtcNow()))
                : AdmissionApi.Answer(Unprotected(backend.Id)));
    }

    private static Problem Unprotected(string id) => new(StatusCodes.Status404NotFound, "not-protected", "The policy is not enforced",
        $"The policy of '{id}' is decided in shadow (Shadow: true), so nothing is refused or waits, and there is nothing to explain. /admission/v1/backends/{id} has in \"shadow\" what it would have done.", id);

    private static async Task<IResult> AskAsync(Backend backend, Func<Task<IResult>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return AdmissionApi.Answer(new Problem(StatusCodes.Status503ServiceUnavailable, "ledger-unreachable", "The ledger does not answer",
                $"The ledger of the backend '{backend.Id}' cannot be asked: {exception.Message} Try again in a second, or ask the gateway that gave the ticket, which knows its own last refusals.", backend.Id)
            { RetryAfter = 1 });
        }
    }

    private static (DecisionQuery Query, string? Mistake) Read(IQueryCollection parameters)
    {
        var query = new DecisionQuery { Tenant = Value(parameters, "tenant") };
        if (Value(parameters, "limit") is { } limit)
        {
            if (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > DecisionQuery.Most)
            {
                return (query, $"The parameter limit is '{Shorten(limit)}'. Accepted is a whole number from 1 to {DecisionQuery.Most}, which is how many a ledger keeps.");
            }

            query = query with { Count = count };
        }

        if (Value(parameters, "before") is { } before)
        {
            if (!long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return (query, $"The parameter before is '{Shorten(before)}'. Accepted is the number of a decision: those with lower numbers are told.");
            }

            query = query with { Before = number };
        }

        if (Value(parameters, "outcome") is { } outcome)
        {
            if (KebabCase.Parse<DecisionOutcome>(outcome) is not { } known)
            {
                return (query, $"The parameter outcome is '{Shorten(outcome)}'. Accepted is one of {KebabCase.All<DecisionOutcome>()}.");
            }

            query = query with { Outcome = known };
        }

        if (Value(parameters, "reason") is { } reason)
        {
            if (KebabCase.Parse<RefusalReason>(reason) is not { } known)
            {
                return (query, $"The parameter reason is '{Shorten(reason)}'. Accepted is one of {KebabCase.All<RefusalReason>()}.");
            }

            query = query with { Reason = known };
        }

        return (query, null);
    }

    private static Problem UnknownTicket(string backend, TicketId ticket)
    {
        var says = ticket.Reason == RefusalReason.None ? "it waited or waits" : $"it was refused with {KebabCase.Of(ticket.Reason)}";
        return new Problem(StatusCodes.Status404NotFound, "unknown-ticket", "Nothing is known of the ticket",
            $"The ledger of the backend '{backend}' knows no request of that name, of which the ticket itself says that {says}. It may be another backend's, or its gateway has stopped, or it was served before its wait was "
            + $"long enough to be recorded, or {DecisionQuery.Most} newer decisions have taken its place. The last ones are in /admission/v1/backends/{backend}/decisions.", backend);
    }

    private static string? Value(IQueryCollection parameters, string name) => parameters.TryGetValue(name, out var value) && value.Count > 0 ? value.ToString() : null;

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
