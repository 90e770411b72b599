namespace Admission.Simulation;

/// <summary>Its clock for the lease stands still, so it carries its permits past the lease, and to a new ledger.</summary>
internal sealed class CarriesPermitsPastLease : Mutant
{
    public override TimeProvider PoolClock(Holder holder, ProcessClock clock) => new SlowClock(clock);

    private sealed class SlowClock(ProcessClock clock) : TimeProvider
    {
        private readonly long _start = clock.GetTimestamp();

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => _start + ((clock.GetTimestamp() - _start) / 20);
    }
}

/// <summary>Counts its lease from when the reply came, not from when the report was sent.</summary>
internal sealed class CountsLeaseFromReceipt : Mutant
{
    private readonly Dictionary<(string Holder, long Life, long Report), long> _sentAt = [];

    public override void Sent(Holder holder, HolderReport report) => _sentAt[(report.Holder, report.Incarnation, report.Sequence)] = World.Now;

    public override LedgerMessage ToPool(Holder holder, LedgerMessage message) =>
        _sentAt.TryGetValue((message.Holder, message.Incarnation, message.AcknowledgedReport), out var sentAt)
            ? message with { LeaseTtl = message.LeaseTtl + TimeSpan.FromTicks((long)((World.Now - sentAt) / 0.9)) }
            : message;
}

/// <summary>Uses a released permit again although it was told that others wait.</summary>
internal sealed class ReusesWhileOthersWait : Mutant
{
    public override LedgerMessage ToPool(Holder holder, LedgerMessage message) =>
        message.Sequence == 0 ? message : message with { Contended = false, Allowance = BackendPolicyRules.LargestLimit, Recalled = [] };
}

/// <summary>Refuses on a saturation notice that was never given, or was taken back.</summary>
internal sealed class KeepsSaturationNotice : Mutant
{
    public override LedgerMessage ToPool(Holder holder, LedgerMessage message) =>
        message.Sequence == 0 ? message : message with { SaturatedFor = TimeSpan.FromSeconds(1) };
}

/// <summary>Goes on refusing by a notice that arrivals would be too late when it has been taken back, or has ended.</summary>
internal sealed class KeepsLateNotice : Mutant
{
    private readonly Dictionary<int, LateNotice[]> _told = [];

    public override LedgerMessage ToPool(Holder holder, LedgerMessage message)
    {
        if (message.Sequence == 0)
        {
            return message;
        }

        _told[holder.Index] = message.Late ?? _told.GetValueOrDefault(holder.Index) ?? [];
        return message with { Late = _told[holder.Index], LateFor = TimeSpan.FromSeconds(1) };
    }
}

/// <summary>Takes a notice for one tenant and priority for one that is for everybody.</summary>
internal sealed class TakesLateNoticesForAll : Mutant
{
    public override LedgerMessage ToPool(Holder holder, LedgerMessage message) =>
        message with { Late = message.Late?.Select(notice => notice with { Priority = 0, AndAfter = true }).ToArray() };
}

/// <summary>Applies a grant as often as it comes.</summary>
internal sealed class AppliesGrantsAgain : Mutant
{
    private readonly Dictionary<(string Holder, long Life, long Epoch), List<long>> _applied = [];

    public override LedgerMessage ToPool(Holder holder, LedgerMessage message)
    {
        if (message.Sequence == 0 || message.Epoch != holder.Pool.Epoch || message.Incarnation != holder.Pool.Life.Incarnation)
        {
            return message;
        }

        if (!_applied.TryGetValue((message.Holder, message.Incarnation, message.Epoch), out var applied))
        {
            _applied.Add((message.Holder, message.Incarnation, message.Epoch), applied = [0]);
        }

        var decisions = new Decision[message.Decisions.Length];
        for (var i = 0; i < decisions.Length; i++)
        {
            decisions[i] = message.Decisions[i] with { Sequence = applied.Count };
            applied.Add(message.Decisions[i].Sequence);
        }

        return message with { Decisions = decisions };
    }

    public override HolderReport ToLedger(Activation activation, HolderReport report) =>
        _applied.TryGetValue((report.Holder, report.Incarnation, report.Epoch), out var applied) && report.AppliedDecision < applied.Count
            ? report with { AppliedDecision = Math.Max(applied[(int)report.AppliedDecision], applied.Take((int)report.AppliedDecision + 1).Max()) }
            : report;
}
