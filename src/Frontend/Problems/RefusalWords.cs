using Admission.Capacity;

namespace Admission.Frontend.Problems;

/// <summary>Refusals in words: what is full, and what to do.</summary>
internal static class RefusalWords
{
    /// <summary>The problem for a refusal.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="heavy">The request asks for more than one permit.</param>
    /// <param name="paused">The policy's limit is 0.</param>
    /// <param name="retryAfter">Seconds.</param>
    public static Problem Describe(string backend, Refusal refusal, bool heavy, bool paused, int retryAfter)
    {
        var (limit, _, queued, _) = refusal.Occupancy;
        var again = retryAfter == 1 ? "Try again in a second." : $"Try again in {retryAfter} seconds.";
        return refusal.Reason switch
        {
            RefusalReason.AtCapacity or RefusalReason.QueueFull when paused => Paused(),
            RefusalReason.AtCapacity => Busy("at-capacity", "The backend is at its limit",
                $"All {limit} places of the backend '{backend}' are in use. {again}"),
            RefusalReason.QueueFull => Busy("queue-full", "The backend's queue is full",
                $"All {limit} places of the backend '{backend}' are in use, and its queue is full with {queued} waiting. {again}"),
            RefusalReason.WaitExpired => Busy("wait-expired", "The request has waited as long as it may",
                $"No place of the backend '{backend}' came free in the time that the request may wait. {again}"),
            RefusalReason.DeadlineUnreachable => Busy("deadline-unreachable", "The request would wait longer than it may",
                $"{queued} requests wait for the backend '{backend}', so this one would not be served in the time that it may wait. {again} Or allow a longer wait."),
            RefusalReason.WeightAboveLimit when heavy => new Problem(StatusCodes.Status400BadRequest, "weight-above-limit", "The request is heavier than the limit",
                $"The request asks for more places at once than a destination of the backend '{backend}' has, so it can never be served. Ask for fewer.", backend),
            RefusalReason.WeightAboveLimit => Paused(),
            RefusalReason.Recovering => Busy("recovering", "The backend's capacity is being recovered",
                $"It is not known yet which places of the backend '{backend}' are still in use after a restart. {again}"),
            RefusalReason.LedgerUnreachable => Busy("ledger-unreachable", "The backend's capacity is not known",
                $"The ledger of the backend '{backend}' cannot be reached, and this gateway has no free place of its own there: either those that it holds are all in use, or its lease has run out. {again}"),
            RefusalReason.ShuttingDown => Busy("shutting-down", "The gateway is shutting down",
                "This gateway takes no more requests. Try again at once on a new connection."),
            RefusalReason.TooManyHolders => Busy("too-many-holders", "The backend has too many gateways",
                $"The backend '{backend}' is used by as many gateways as it may be. {again}"),
            RefusalReason.NoDestination => Busy("no-destination", "The backend's destinations fail",
                $"Every destination of the backend '{backend}' that could take the request has failed, and is tried again with a single request from time to time. {again}"),
            _ => Busy("unknown-backend", "The backend is not known",
                $"The backend '{backend}' is not configured in this gateway. {again}"),
        };

        Problem Paused() => Busy("at-capacity", "The backend is paused", $"The limit of the backend '{backend}' is 0, so it serves nothing at present. {again}");

        Problem Busy(string reason, string title, string detail) =>
            new(StatusCodes.Status503ServiceUnavailable, reason, title, detail, backend) { RetryAfter = retryAfter };
    }
}
