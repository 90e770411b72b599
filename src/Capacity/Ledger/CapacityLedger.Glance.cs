namespace Admission.Capacity;

/// <content>What the ledger counts and keeps for whoever looks at it: the last 15 minutes, and what has gone wrong in this epoch.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Holders are asked to report so often while somebody looks closely.</summary>
    private static readonly TimeSpan ReportWhileLookedAt = TimeSpan.FromSeconds(1);

    /// <summary>A close look lasts until the next one, or so long.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    private readonly LedgerSeries _series;
    private long _lookedAtUntil = MonotonicClock.Never;
    private long _recoveredAt = MonotonicClock.Never;
    private long _leaseLosses;
    private long _lastLeaseLoss;
    private long _ejections;
    private long _lastEjection;
    private readonly bool _beganRecovering;

    /// <summary>Tells how the backend stands, in short. O(holders + destinations).</summary>
    /// <param name="epoch">The epoch of which <paramref name="after"/> is a sample; at another one all samples are told.</param>
    /// <param name="after">The number of the last sample that the caller has; -1 for none.</param>
    /// <param name="closely">Holders are asked to report every second for the next five, so that what is in use is no older.</param>
    public BackendGlance Glance(long epoch = 0, long after = -1, bool closely = false)
    {
        var now = _clock.Now;
        if (closely)
        {
            _lookedAtUntil = now + _clock.Ticks(LongestLook);
        }

        NoteSeries(now);
        var (served, refused) = _series.Rates(now);
        var (last, age, samples) = _series.Read(now, epoch == _epoch ? after : -1);
        var (destinations, withheld) = CountDestinations();
        return new BackendGlance
        {
            Epoch = _epoch,
            Status = Status(now),
            Limit = _destinations.Limit,
            InUse = UsedPermits,
            Idle = _totalIdle,
            Quarantined = _quarantined,
            Waiting = _queue.Count,
            QueueCapacity = _policy?.Waiting ?? 0,
            Holders = _accounts.Count,
            Destinations = destinations,
            Withheld = withheld,
            PolicyVersion = _policyVersion,
            IsPaused = _destinations.IsPaused,
            IsAdjusted = _setting?.Policy.Adjustment is not null,
            IsAdaptive = _policy?.Adaptive is not null,
            SaturatedFor = SaturationAge(now),
            ServedPerSecond = served,
            RefusedPerSecond = refused,
            CountsAreMissing = _accounts.Values.Any(static account => account is { Totals: null, ReportSequence: > 0 }),
            WaitP50 = _series.WaitOf(0.5, now),
            WaitP99 = _series.WaitOf(0.99, now),
            Age = _clock.Between(_since, now),
            Recovery = !_beganRecovering ? null : _clock.Between(_since, _recoveredAt == MonotonicClock.Never ? now : _recoveredAt),
            LeaseLosses = _leaseLosses,
            LastLeaseLoss = _leaseLosses == 0 ? null : _clock.Between(_lastLeaseLoss, now),
            Ejections = _ejections,
            LastEjection = _ejections == 0 ? null : _clock.Between(_lastEjection, now),
            Recorded = _log.Recorded,
            LastSample = last,
            SampleAge = age,
            Samples = samples,
            Leases = _leases.Count,
            Leased = _leased,
        };
    }

    private int UsedPermits => _destinations.Booked - _totalIdle - _quarantined;

    /// <summary>After each turn in which something may have changed.</summary>
    private void NoteSeries(long now)
    {
        _series.Note(now, _destinations.Limit, UsedPermits, _queue.Count);
        if (_beganRecovering && _recoveredAt == MonotonicClock.Never && !Recovering)
        {
            _recoveredAt = now;
        }
    }

    /// <summary>Counts what a holder has done since its last report to this ledger; of its first only what it adds later counts.</summary>
    private void NoteTotals(HolderAccount account, HolderReport report, long now)
    {
        if (report.Totals is { } totals && account.Totals is { } before)
        {
            var atOnce = Math.Max(0, totals.AdmittedAtOnce - before.AdmittedAtOnce);
            _series.Count(now, atOnce, atOnce + Math.Max(0, totals.AdmittedAfterWait - before.AdmittedAfterWait), Math.Max(0, totals.Refused - before.Refused));
        }

        account.Totals = report.Totals;
    }

    private void NoteLeaseLoss(HolderAccount account, long now)
    {
        if (account.Booked > 0)
        {
            _leaseLosses++;
            _lastLeaseLoss = now;
        }
    }

    private void NoteEjection()
    {
        _ejections++;
        _lastEjection = _clock.Now;
    }

    private DestinationDescription[] DescribeDestinations()
    {
        var idle = IdleByDestination();
        return
        [
            .. _destinations.All.Select(destination =>
            {
                var health = destination.Health;
                var left = health is null || health.Until == MonotonicClock.Forever ? (TimeSpan?)null : _clock.Until(health.Until);
                return new DestinationDescription(destination.Name, destination.Limit, destination.Booked, destination.Open, health?.Condition ?? DestinationCondition.InService, left)
                {
                    Idle = idle.GetValueOrDefault(destination),
                };
            }),
        ];
    }

    /// <summary>What <see cref="HolderAccount.Idle"/> counts, apart for each destination.</summary>
    private Dictionary<LedgerDestination, int> IdleByDestination()
    {
        var idle = new Dictionary<LedgerDestination, int>();
        foreach (var account in _accounts.Values)
        {
            if (account.Superseded)
            {
                continue;
            }

            foreach (var (destination, held, inUse) in account.Reported)
            {
                idle[destination] = idle.GetValueOrDefault(destination) + held - inUse;
            }

            foreach (var decision in account.Unacknowledged)
            {
                if (decision is { Kind: DecisionKind.Grant, Ticket: 0 })
                {
                    var destination = _destinations.Find(decision.Destination);
                    idle[destination] = idle.GetValueOrDefault(destination) + decision.Permits;
                }
            }
        }

        return idle;
    }

    private (int Named, int Withheld) CountDestinations()
    {
        var (named, withheld) = (0, 0);
        foreach (var destination in _destinations.All)
        {
            named += destination.Name.Length > 0 ? 1 : 0;
            withheld += destination.Health is { Condition: DestinationCondition.Withheld or DestinationCondition.Trial } ? 1 : 0;
        }

        return (named, withheld);
    }
}
