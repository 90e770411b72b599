using System.Globalization;
using System.Text;

namespace Admission.Simulation;

/// <summary>The last events of a run. Nothing is formatted until a promise is broken.</summary>
internal sealed class Trace
{
    /// <summary>ADMISSION_SIM_TRACE makes it longer.</summary>
    private static readonly int Length = Environment.GetEnvironmentVariable("ADMISSION_SIM_TRACE") is { Length: > 0 } length ? int.Parse(length, CultureInfo.InvariantCulture) : 160;

    private readonly Entry[] _entries = new Entry[Length];
    private long _count;

    public void Add(long at, string what, int target, long number = 0, object? item = null) =>
        _entries[_count++ % Length] = new Entry(at, what, target, number, item);

    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = Math.Max(0, _count - Length); i < _count; i++)
        {
            var entry = _entries[i % Length];
            text.Append(CultureInfo.InvariantCulture, $"{entry.At / (double)Timeline.Second,12:F6}s {entry.What} {entry.Target} {entry.Number} ");
            Describe(text, entry.Item);
            text.AppendLine();
        }

        return text.ToString();
    }

    private static void Describe(StringBuilder text, object? item)
    {
        switch (item)
        {
            case HolderReport report:
                text.Append($"{report.Holder}/{report.Incarnation} epoch {report.Epoch} seq {report.Sequence} applied {report.AppliedDecision} seen {report.SeenMessage} held [");
                text.AppendJoin(' ', report.Held.Select(held => $"{held.Destination}:{held.InUse}/{held.Held}"));
                text.Append("] tickets [").AppendJoin(' ', report.Tickets.Select(ticket => $"{ticket.Id}x{ticket.Weight}p{ticket.Priority}{ticket.Tenant}"));
                text.Append("] withdrawn [").AppendJoin(' ', report.Withdrawn).Append($"] demand {report.Demand}{(report.Leaving ? " leaving" : "")}");
                break;
            case LedgerMessage message:
                text.Append($"{message.Holder}/{message.Incarnation} epoch {message.Epoch} seq {message.Sequence} {message.Status} ack {message.AcknowledgedReport} [");
                text.AppendJoin(' ', message.Decisions.Select(d => $"#{d.Sequence}:{d.Kind} ticket {d.Ticket} {d.Permits}@'{d.Destination}' {d.Refusal?.Reason}"));
                text.Append($"] allowance {message.Allowance}{(message.Contended ? " contended" : "")}{(message.ReportIdle ? " reportIdle" : "")}");
                text.Append($" saturated {message.SaturatedFor.TotalMilliseconds}ms {message.Occupancy.InUse}/{message.Occupancy.Limit} queued {message.Occupancy.Queued}");
                text.Append(message.Recalled.Length == 0 ? "" : $" recalled {string.Join(' ', message.Recalled)}");
                break;
            case LedgerState state:
                text.Append($"epoch {state.Epoch} policy {state.PolicyVersion} lives [").AppendJoin(' ', state.Lives.Select(life => $"{life.Holder}/{life.Incarnation}"));
                text.Append("] quarantined [").AppendJoin(' ', state.Quarantined.Select(q => $"{q.Permits} of {q.Life.Holder}/{q.Life.Incarnation} for {q.Left.TotalMilliseconds}ms"));
                text.Append(state.Handover is null ? "]" : "] handover");
                break;
            case BackendPolicy policy:
                text.Append($"limit {policy.Limit} destinations [{string.Join(' ', policy.Destinations.Select(d => $"{d.Destination}:{d.Limit}"))}] {policy.Overflow}");
                break;
            default:
                text.Append(item);
                break;
        }
    }

    private readonly record struct Entry(long At, string What, int Target, long Number, object? Item);
}

/// <summary>A promise of the design was broken.</summary>
public sealed class BrokenPromiseException : Exception
{
    internal BrokenPromiseException(string promise, string message)
        : base($"{promise}: {message}") => Promise = promise;

    /// <summary>Which: P1 to P7 as in design.md; Books, Lease, LeaseLost, Fencing, Authority, Epoch, Share, Tenant, Place and Cap as in docs/simulation.md.</summary>
    public string Promise { get; }
}
