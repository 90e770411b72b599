using System.Text.Json.Nodes;
using Admission.Capacity;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api.Leases;

/// <summary>What goes wrong with leases.</summary>
internal static class LeaseProblems
{
    public static Problem TooLarge(string backend) => new(StatusCodes.Status413PayloadTooLarge, "body-too-large", "The body is too large",
        $"A request about leases has at most {LeaseBody.Largest} bytes.", backend);

    public static Problem NoJson(string backend, string why) => new(StatusCodes.Status400BadRequest, "invalid-json", "The body is no JSON object",
        $"The body is to be an object such as {{\"ttl\": 30}}, or empty: {why}", backend);

    public static Problem Invalid(string backend, IReadOnlyList<string> errors) => new(StatusCodes.Status400BadRequest, "invalid-lease", "The request for a lease is not understood",
        $"The request has {(errors.Count == 1 ? "a mistake" : $"{errors.Count} mistakes")}, and nothing was done: {string.Join(" ", errors)}", backend)
    { Errors = errors };

    /// <summary>Why there is no lease, or no longer one.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="state">How it stands.</param>
    public static Problem Of(string backend, LeaseState state) => state switch
    {
        LeaseState.Reclaimed => new Problem(StatusCodes.Status410Gone, "lease-reclaimed", "The lease has ended",
            $"The lease of the backend '{backend}' was not renewed in time, and its permits were taken back. Stop what it was for; take another lease to go on.", backend),
        LeaseState.Released => new Problem(StatusCodes.Status410Gone, "lease-released", "The lease was given back",
            $"The lease of the backend '{backend}' was released. Take another lease to go on.", backend),
        LeaseState.Unknown => new Problem(StatusCodes.Status404NotFound, "unknown-lease", "The lease is not known",
            $"The backend '{backend}' has no such lease: there never was one with this id, or it ended long ago.", backend),
        LeaseState.TooMany => new Problem(StatusCodes.Status503ServiceUnavailable, "too-many-leases", "The backend has as many leases as it may have",
            $"The backend '{backend}' has as many leases as its ledger keeps. Try again in a second; or hold fewer of more weight.", backend)
        { RetryAfter = 1 },
        LeaseState.Unconfirmed => new Problem(StatusCodes.Status503ServiceUnavailable, "lease-unconfirmed", "The lease could not be confirmed",
            $"There were permits of the backend '{backend}', but its ledger has not stored the lease in time: it moves, its record cannot be written, or its silo is of a version without leases. You have no lease. Try again in a second.", backend)
        { RetryAfter = 1 },
        _ => new Problem(StatusCodes.Status503ServiceUnavailable, "ledger-unreachable", "The ledger does not answer",
            $"The ledger of the backend '{backend}' moves, or its record cannot be written, so it cannot say how the lease stands. Ask again in a second, as long as the lease lasts by your own clock.", backend)
        { RetryAfter = 1 },
    };

    /// <summary>A problem as a member of a larger answer.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="ticket">By what name it can be explained; none if nobody could.</param>
    public static JsonNode AsNode(Problem problem, TicketId ticket = default) => JsonNode.Parse(problem.ToJson(json =>
    {
        if (!ticket.IsNone)
        {
            json.WriteString("ticket", ticket.ToString());
        }
    }).Span)!;
}
