using System.Text;

namespace Admission.Capacity;

/// <summary>Decisions in words, for operators: which rule, what stood before the request, since when.</summary>
public static class DecisionWords
{
    /// <summary>The way to the ledger and back is no wait worth a sentence.</summary>
    private static readonly TimeSpan ShownWait = TimeSpan.FromMilliseconds(10);

    /// <summary>A decision that is recorded.</summary>
    /// <param name="record">The decision.</param>
    public static string Of(DecisionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var grounds = record.Grounds;
        var text = new StringBuilder(record.Outcome == DecisionOutcome.Waited
            ? $"Admitted after {Seconds(record.Waited)}.{Ahead(grounds, "When it came,")}{Expected(grounds)}"
            : $"{Rule(record.Reason, grounds, record.Weight)}{(record.Waited >= ShownWait ? $" It had waited {Seconds(record.Waited)}." : "")}{Ahead(grounds, "Then")}");
        if (grounds.SaturatedFor is { } time)
        {
            text.Append($" No permit had been free for {Seconds(time)}.");
        }

        if (record is { ByHolder: true, Grounds.Notice: > 0 })
        {
            text.Append($" Its gateway refused it without asking, by the ledger's notice {grounds.Notice}{(grounds.NoticeFor is { } stood ? $", which had stood for {Seconds(stood)}" : "")}.");
        }
        else if (record.ByHolder)
        {
            text.Append(record.Outcome == DecisionOutcome.Waited ? " Its gateway served it by itself." : " Its gateway refused it by itself.");
        }

        return text.ToString();
    }

    /// <summary>What is known of a request.</summary>
    /// <param name="ticket">The request.</param>
    /// <param name="explained">What is known.</param>
    public static string Of(in TicketId ticket, TicketExplanation explained) => explained switch
    {
        { Record: { } record } => Of(record),
        { Waiting: { } waiting } => Of(waiting),
        { Notice: { } notice } =>
            $"Refused with {KebabCase.Of(ticket.Reason)} by its gateway without asking, by the ledger's notice {notice.Number}, which began {Seconds(notice.Began)} ago and "
            + (notice.Ended == TimeSpan.Zero ? "still stands" : $"ended {Seconds(notice.Ended)} ago")
            + $". {Full(notice.Occupancy)} No permit had been free for {Seconds(notice.SaturatedFor)} when it was last told. This request's own record is one of those that were left out.",
        _ => $"Refused with {KebabCase.Of(ticket.Reason)}: so much its ticket says. Its record is not in the log any more, or was never reported.",
    };

    private static string Of(WaitingTicket waiting)
    {
        var grounds = waiting.Grounds;
        var what = waiting.WaitsFor switch
        {
            WaitsFor.Permits => $"It is next, and needs {Permits(waiting.Weight)}; {waiting.Free} of {grounds.Occupancy.Limit} are free.",
            WaitsFor.IdlePermits => "It is next, and permits that may be idle in gateways have been called back for it.",
            WaitsFor.HeavyTicket => $"The next ticket needs {Permits(waiting.NextWeight)}, {waiting.Free} are free, and nobody takes them from it.",
            WaitsFor.TenantCap => $"Its tenant has {grounds.TenantInUse} of the {grounds.TenantCap} permits in use that it may have.",
            WaitsFor.GuaranteedShare => $"A ticket of priority {waiting.NextPriority} is next, because that priority's guaranteed share is due.",
            WaitsFor.Destination => "Every destination has failed and is withheld until one has served its trial.",
            WaitsFor.Resumption => "An operator has paused the backend.",
            WaitsFor.Recovery => "The ledger is finding out what earlier holders hold, and grants nothing yet.",
            WaitsFor.Ledger => $"Its ledger has not taken it in yet{(grounds.DetachedFor is { } time ? $", and has been silent for {Seconds(time)}" : "")}.",
            _ => "Others come before it.",
        };
        var place = waiting.Place is { } at ? $" It is number {at} at most.{Ahead(grounds, "Now")}" : "";
        return $"It has waited {Seconds(waiting.Waited)}{(grounds.TimeLeft is { } left ? $" and may wait {Seconds(left)} more" : "")}. {what}{place}{Expected(grounds)}"
            + (grounds.SaturatedFor is { } full ? $" No permit has been free for {Seconds(full)}." : "");
    }

    private static string Rule(RefusalReason reason, DecisionGrounds grounds, int weight) => reason switch
    {
        RefusalReason.AtCapacity or RefusalReason.QueueFull when grounds.Occupancy.Limit == 0 => "The backend's limit was 0, so it served nothing.",
        RefusalReason.AtCapacity => $"{Full(grounds.Occupancy)} Nobody waits by policy.",
        RefusalReason.QueueFull => $"{Full(grounds.Occupancy)} The queue was full.",
        RefusalReason.WaitExpired => $"It had waited as long as it may. {Full(grounds.Occupancy)}",
        RefusalReason.DeadlineUnreachable => $"It would have waited longer than it may{(grounds.TimeLeft is { } left ? $", which was {Seconds(left)}" : "")}. {Full(grounds.Occupancy)}{Expected(grounds)}",
        RefusalReason.TooLate => $"By what clients have shown it would have left before its answer{(grounds.LongestWait is { } most ? $": a wait of {Seconds(most)} is the longest that is worth while" : "")}. {Full(grounds.Occupancy)}{Expected(grounds)}",
        RefusalReason.QueueDelay => $"Controlled delay: the queue's wait had been too long for a while. {Full(grounds.Occupancy)}",
        RefusalReason.WeightAboveLimit => $"It needs {Permits(weight)} at one destination, more than any has.",
        RefusalReason.Recovering => "The ledger was finding out what earlier holders hold, and granted nothing yet.",
        RefusalReason.LedgerUnreachable => $"The ledger did not answer its gateway{(grounds.DetachedFor is { } time ? $" for {Seconds(time)}" : "")}, and that had no free permit of its own.",
        RefusalReason.ShuttingDown => "Its gateway was shutting down.",
        RefusalReason.TooManyHolders => "The backend has as many gateways as it may have, and this was one more.",
        RefusalReason.Displaced => $"The queue was full, and a request of a higher priority came, which took its place. {Full(grounds.Occupancy)}",
        RefusalReason.TenantShare => $"The queue was full, and its tenant had more than its part of the places{(grounds.TenantQueued is { } queued ? $": {queued} others of it waited" : "")}. {Full(grounds.Occupancy)}",
        RefusalReason.TenantCap => $"Its tenant had {(grounds.TenantInUse is { } used ? $"{used} permits in use" : "as many permits in use as it may")}{(grounds.TenantCap is { } cap ? $" and may have {cap}" : "")}; this needs {Permits(weight)}.",
        RefusalReason.NoDestination => $"Every destination that could take it had failed and was withheld; the next trial was {Seconds(grounds.Occupancy.RetryAfter)} away.",
        RefusalReason.Paused => $"An operator had paused the backend, and {(grounds.Occupancy.Queued > 0 ? $"the queue was full with {grounds.Occupancy.Queued} tickets" : "nobody waits by policy")}.",
        _ => $"Refused with {KebabCase.Of(reason)}.",
    };

    private static string Full(in Occupancy occupancy) => $"{occupancy.InUse} of {occupancy.Limit} permits were in use, and {occupancy.Queued} tickets waited.";

    private static string Ahead(DecisionGrounds grounds, string when) => grounds is { AheadHigher: { } higher, AheadOwn: { } own } && higher + own > 0
        ? $" {when} {higher} of higher priorities and at most {own} of its own stood before it."
        : "";

    private static string Expected(DecisionGrounds grounds) => grounds.ExpectedWait is { } wait && wait > TimeSpan.Zero ? $" A wait of {Seconds(wait)} was to be expected." : "";

    private static string Permits(int number) => number == 1 ? "1 permit" : $"{number} permits";

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.##} s";
}
