namespace Admission.Simulation;

/// <summary>Tells leases when they are reported, before they are in the record.</summary>
internal sealed class TellsLeasesUnstored : Mutant
{
    private readonly Dictionary<(int Activation, string Holder, long Life), LeaseHandOver[]> _reported = [];

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        _reported[Key(activation, report.Holder, report.Incarnation)] = report.HandOvers ?? [];
        return report;
    }

    public override LedgerMessage? FromLedger(Activation activation, LedgerMessage message) =>
        message.Sequence > 0 && _reported.TryGetValue(Key(activation, message.Holder, message.Incarnation), out var reported) && reported.Length > 0
            ? message with
            {
                Leases = [.. reported.Select(handed => activation.Ledger!.Leases(new LeaseQuery { Names = [new LeaseName(handed.Key, 0)] }).Leases[0] is { State: LeaseState.Held } booked
                    ? new LeaseGrant(handed.Number, LeaseState.Held, booked.Fencing)
                    : new LeaseGrant(handed.Number, LeaseState.Unknown, default))],
            }
            : message;
}

/// <summary>Confirms a lease and books nothing for it: what its pool has given is free.</summary>
internal sealed class BooksNoLeases : Mutant
{
    private readonly Dictionary<(int Activation, string Holder, long Life), LeaseHandOver[]> _reported = [];
    private readonly Dictionary<string, long> _numbers = [];

    public override HolderReport ToLedger(Activation activation, HolderReport report)
    {
        _reported[Key(activation, report.Holder, report.Incarnation)] = report.HandOvers ?? [];
        return report with { HandOvers = null };
    }

    public override LedgerMessage? FromLedger(Activation activation, LedgerMessage message) =>
        message.Sequence > 0 && _reported.TryGetValue(Key(activation, message.Holder, message.Incarnation), out var reported) && reported.Length > 0
            ? message with { Leases = [.. reported.Select(handed => new LeaseGrant(handed.Number, LeaseState.Held, new FencingToken(message.Epoch, NumberOf(handed.Key))))] }
            : message;

    private long NumberOf(string key)
    {
        _numbers.TryAdd(key, _numbers.Count + 1);
        return _numbers[key];
    }
}

/// <summary>Counts a lease as if half of its time had passed when its predecessor wrote the record.</summary>
internal sealed class CountsLeasesFromTheFormerLedger : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state) =>
        state with { AuthorityTtl = TimeSpan.Zero, Leases = state.Leases?.Select(lease => lease with { Ttl = lease.Ttl / 2 }).ToArray() };
}

/// <summary>Takes over a record and drops its leases, as a silo of before there were any.</summary>
internal sealed class DropsLeases : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state) => state with { Leases = null };
}

/// <summary>Begins each epoch with the first number again.</summary>
internal sealed class RepeatsFencingNumbers : Mutant
{
    public override LedgerState Restored(Activation activation, LedgerState state) => state with { LeaseNumber = 0 };
}

/// <summary>Says that a lease was renewed when it was not.</summary>
internal sealed class RenewsNothing : Mutant
{
    public override LeaseName AskedOfLease(LeaseCall call) => call.Releases ? call.Lease.Name : new LeaseName("nobody's", 0);

    public override LeaseDescription AnsweredOfLease(LeaseCall call, LeaseDescription answer) =>
        call.Releases ? answer : answer with { State = LeaseState.Held, Left = call.Lease.Ttl * 0.9 };
}

/// <summary>Says that a lease may be used for longer than a successor of its ledger would wait.</summary>
internal sealed class PromisesMoreThanIsLeft : Mutant
{
    public override LeaseDescription AnsweredOfLease(LeaseCall call, LeaseDescription answer) =>
        answer.State == LeaseState.Held ? answer with { Left = answer.Left + call.Lease.Ttl } : answer;
}

/// <summary>Counts a lease from when its program hears of it, however long that took.</summary>
internal sealed class CountsLeasesFromAnswers : Mutant
{
    public override bool CountsLeasesFromTheAnswer => true;
}
