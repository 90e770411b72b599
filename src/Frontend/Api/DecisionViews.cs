using Admission.Capacity;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>The last decisions of a backend, newest first. Durations are in seconds.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Since">When the ledger began to record; what was before is gone.</param>
/// <param name="Recorded">Decisions recorded since then.</param>
/// <param name="LeftOut">Refusals that gateways decided by themselves since then and did not report one by one.</param>
/// <param name="Waiting">Tickets that wait, the next ones first, at most 20.</param>
/// <param name="Decisions">The decisions.</param>
internal sealed record DecisionsView(
    string Backend, DateTimeOffset Since, long Recorded, long LeftOut, IReadOnlyList<string> Waiting, IReadOnlyList<DecisionView> Decisions)
{
    public static DecisionsView Of(string backend, DecisionPage page, DateTimeOffset now) => new(
        backend, DecisionView.Ago(now, page.Age), page.Recorded, page.LeftOut, page.Waiting, [.. page.Decisions.Select(record => DecisionView.Of(record, now))]);
}

/// <summary>One decision.</summary>
/// <param name="Number">Its number in the ledger's log; with <c>before</c> it asks for older ones.</param>
/// <param name="Ticket">The request's name.</param>
/// <param name="At">When it was decided, by this gateway's clock.</param>
/// <param name="Outcome">Refused, waited or displaced.</param>
/// <param name="Reason">The rule that refused; null for a wait.</param>
/// <param name="Why">It all in a sentence or two.</param>
/// <param name="Holder">The gateway whose request it was.</param>
/// <param name="DecidedBy">The ledger, or the holder by itself.</param>
/// <param name="Tenant">The tenant, or null.</param>
/// <param name="Priority">The priority.</param>
/// <param name="Weight">Permits that it needed.</param>
/// <param name="Waited">How long it had waited.</param>
/// <param name="Before">What stood before it.</param>
internal sealed record DecisionView(
    long Number, string Ticket, DateTimeOffset At, string Outcome, string? Reason, string Why, string Holder, string DecidedBy, string? Tenant, int Priority, int Weight,
    double Waited, GroundsView Before)
{
    public static DecisionView Of(DecisionRecord record, DateTimeOffset now) => new(
        record.Number, record.Ticket, Ago(now, record.Age), KebabCase.Of(record.Outcome), record.Reason == RefusalReason.None ? null : KebabCase.Of(record.Reason), DecisionWords.Of(record),
        record.Holder, record.ByHolder ? "holder" : "ledger", record.Tenant, record.Priority, record.Weight, record.Waited.TotalSeconds, GroundsView.Of(record.Grounds));

    /// <summary>So long ago, in whole milliseconds: more would be false.</summary>
    public static DateTimeOffset Ago(DateTimeOffset now, TimeSpan age)
    {
        var at = now - age;
        return at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));
    }
}

/// <summary>What stood before a request. Null is what is not known to who decided, or does not apply.</summary>
internal sealed record GroundsView(
    int Limit, int InUse, int Queued, double RetryAfter, int? AheadHigher, int? AheadOwn, int? TenantInUse, int? TenantCap, int? TenantQueued, double? ExpectedWait, double? TimeLeft,
    double? LongestWait, double? SaturatedFor, long? Notice, double? NoticeFor, double? DetachedFor, int? WaitingAtHolder)
{
    public static GroundsView Of(DecisionGrounds grounds) => new(
        grounds.Occupancy.Limit, grounds.Occupancy.InUse, grounds.Occupancy.Queued, grounds.Occupancy.RetryAfter.TotalSeconds, grounds.AheadHigher, grounds.AheadOwn, grounds.TenantInUse,
        grounds.TenantCap, grounds.TenantQueued, grounds.ExpectedWait?.TotalSeconds, grounds.TimeLeft?.TotalSeconds, grounds.LongestWait?.TotalSeconds, grounds.SaturatedFor?.TotalSeconds,
        grounds.Notice == 0 ? null : grounds.Notice, grounds.NoticeFor?.TotalSeconds, grounds.DetachedFor?.TotalSeconds, grounds.WaitingAtHolder);
}

/// <summary>A ticket that waits.</summary>
/// <param name="Tenant">The tenant, or null.</param>
/// <param name="Priority">The priority.</param>
/// <param name="Weight">Permits that it needs.</param>
/// <param name="Waited">How long it has waited.</param>
/// <param name="WaitsFor">What it waits for.</param>
/// <param name="Place">Its place, at most; 1 is next.</param>
/// <param name="AheadOfTenant">Tickets of its own tenant and priority before it, at most.</param>
/// <param name="Free">Permits that are free.</param>
/// <param name="Next">The ticket that is next, if it is another.</param>
/// <param name="NextWeight">Permits that the next one needs.</param>
/// <param name="NextPriority">The next one's priority.</param>
/// <param name="Before">What stands before it.</param>
internal sealed record WaitingView(
    string? Tenant, int Priority, int Weight, double Waited, string WaitsFor, int? Place, int? AheadOfTenant, int? Free, string? Next, int NextWeight, int NextPriority, GroundsView Before)
{
    public static WaitingView Of(WaitingTicket waiting) => new(
        waiting.Tenant, waiting.Priority, waiting.Weight, waiting.Waited.TotalSeconds, KebabCase.Of(waiting.WaitsFor), waiting.Place, waiting.AheadOfTenant, waiting.Free, waiting.Next,
        waiting.NextWeight, waiting.NextPriority, GroundsView.Of(waiting.Grounds));
}

/// <summary>A saturation notice.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Reason">Why, for those whom no rule of their own refused.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ended; null while it stands.</param>
/// <param name="Told">Messages that carried it.</param>
/// <param name="SaturatedFor">For how long no permit had been free when it was last told.</param>
/// <param name="Limit">The limit then.</param>
/// <param name="InUse">What was in use then.</param>
/// <param name="Queued">What waited then.</param>
internal sealed record NoticeView(long Number, string Reason, DateTimeOffset Since, DateTimeOffset? Until, long Told, double SaturatedFor, int Limit, int InUse, int Queued)
{
    public static NoticeView? Of(SaturationNotice? notice, DateTimeOffset now) => notice is null ? null : new NoticeView(
        notice.Number, KebabCase.Of(notice.Reason), DecisionView.Ago(now, notice.Began), notice.Ended == TimeSpan.Zero ? null : DecisionView.Ago(now, notice.Ended), notice.Told,
        notice.SaturatedFor.TotalSeconds, notice.Occupancy.Limit, notice.Occupancy.InUse, notice.Occupancy.Queued);
}

/// <summary>What is known of one request.</summary>
/// <param name="Ticket">Its name.</param>
/// <param name="Backend">The backend.</param>
/// <param name="State">Refused, displaced, waited or waiting.</param>
/// <param name="Reason">The rule that refused; else null.</param>
/// <param name="Why">It all in a sentence or two.</param>
/// <param name="Source">From what it is told: <c>record</c>, <c>waiting</c>, <c>notice</c> or <c>ticket</c>.</param>
/// <param name="At">When it was decided; when it came, to the second, where only its ticket tells; null while it waits or if that is not known.</param>
/// <param name="Holder">The gateway whose request it is.</param>
/// <param name="Decision">The record of its decision, or null.</param>
/// <param name="Waiting">Where it waits, or null.</param>
/// <param name="Notice">The notice that refused it, or null.</param>
internal sealed record ExplanationView(
    string Ticket, string Backend, string State, string? Reason, string Why, string Source, DateTimeOffset? At, string? Holder, DecisionView? Decision, WaitingView? Waiting, NoticeView? Notice)
{
    public static ExplanationView Of(string backend, in TicketId ticket, TicketExplanation explained, DateTimeOffset now)
    {
        var reason = explained.Record?.Reason ?? ticket.Reason;
        return new ExplanationView(
            ticket.ToString(), backend, StateOf(explained, reason), reason == RefusalReason.None ? null : KebabCase.Of(reason), DecisionWords.Of(ticket, explained), KebabCase.Of(explained.Source),
            (explained.Record?.Age ?? explained.Age) is { } age ? DecisionView.Ago(now, age) : null, explained.Holder, explained.Record is { } record ? DecisionView.Of(record, now) : null,
            explained.Waiting is { } waiting ? WaitingView.Of(waiting) : null, NoticeView.Of(explained.Notice, now));
    }

    private static string StateOf(TicketExplanation explained, RefusalReason reason) => explained switch
    {
        { Record: { } record } => KebabCase.Of(record.Outcome),
        { Waiting: not null } => "waiting",
        _ => reason == RefusalReason.Displaced ? "displaced" : "refused",
    };
}
