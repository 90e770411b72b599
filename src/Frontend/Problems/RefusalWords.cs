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
            RefusalReason.TooLate => Busy("too-late", "The request would be answered too late",
                $"{queued} requests wait for the backend '{backend}', and by what its clients have shown most would have left before this one was answered. {again}"),
            RefusalReason.QueueDelay => Busy("queue-delay", "The backend's queue has been slow for too long",
                $"{queued} requests wait for the backend '{backend}', and have waited too long for a while, so some are refused until the queue is short again. {again}"),
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
            RefusalReason.Displaced => Busy("displaced", "A more important request took the place in the queue",
                $"The queue of the backend '{backend}' is full with {queued} waiting, and a request of a higher priority came. {again}"),
            RefusalReason.TenantShare => OfTenant("tenant-share", "The tenant has more than its part of the queue",
                $"The queue of the backend '{backend}' is full with {queued} waiting, and this tenant has more than its part of the places. {again} Or send less at once."),
            RefusalReason.TenantCap => OfTenant("tenant-cap", "The tenant has as many places as it may",
                $"This tenant has as many places of the backend '{backend}' in use as it may, or asks for more than that. {again} Or send less at once."),
            RefusalReason.NoDestination => Busy("no-destination", "The backend's destinations fail",
                $"Every destination of the backend '{backend}' that could take the request has failed, and is tried again with a single request from time to time. {again}"),
            RefusalReason.Paused => Busy("paused", "The backend is paused",
                $"An operator has paused the backend '{backend}', so it serves nothing at present{(queued > 0 ? $", and {queued} requests wait for its end" : "")}. {again}"),
            _ => Busy("unknown-backend", "The backend is not known",
                $"The backend '{backend}' is not configured in this gateway. {again}"),
        };

        Problem Paused() => Busy("at-capacity", "The backend is paused", $"The limit of the backend '{backend}' is 0, so it serves nothing at present. {again}");

        Problem OfTenant(string reason, string title, string detail) =>
            new(StatusCodes.Status429TooManyRequests, reason, title, detail, backend) { RetryAfter = retryAfter };

        Problem Busy(string reason, string title, string detail) =>
            new(StatusCodes.Status503ServiceUnavailable, reason, title, detail, backend) { RetryAfter = retryAfter };
    }
}
