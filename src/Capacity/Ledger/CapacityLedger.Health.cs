namespace Admission.Capacity;

/// <content>Destinations that fail: withheld from everybody, tried with one request, and brought back. <see cref="DestinationHealth"/> has the rules.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Changes that nobody takes are forgotten beyond so many, the oldest first.</summary>
    private const int MostChanges = 1_000;

    /// <summary>Those that are not plainly in service.</summary>
    private readonly List<LedgerDestination> _failed = [];
    private readonly Queue<DestinationChange> _changes = new();
    private string[] _withheld = [];
    private string[] _watched = [];

    /// <summary>Takes what has become of destinations since the last call, for the log.</summary>
    public IReadOnlyList<DestinationChange> TakeDestinationChanges()
    {
        if (_changes.Count == 0)
        {
            return [];
        }

        var changes = _changes.ToArray();
        _changes.Clear();
        return changes;
    }

    /// <summary>Every destination is withheld.</summary>
    private bool NoDestination => _destinations is { IsRestricted: true, LargestOpen: 0 } && _policy is { TotalLimit: > 0 };

    private long HealthDue
    {
        get
        {
            var next = MonotonicClock.Forever;
            foreach (var destination in _failed)
            {
                next = Math.Min(next, destination.Health!.NextDue);
            }

            return next;
        }
    }

    /// <summary>How long until the next trial may begin; while one is under way, the shortest pause.</summary>
    private TimeSpan UntilTrial
    {
        get
        {
            var shortest = _policy!.Ejection.ShortestPause;
            TimeSpan? next = null;
            foreach (var destination in _failed)
            {
                if (destination.Health is { Condition: DestinationCondition.Withheld } health)
                {
                    var left = _clock.Until(health.Until);
                    left = left > TimeSpan.Zero ? left : shortest;
                    next = next is null || left < next ? left : next;
                }
            }

            return next ?? shortest;
        }
    }

    /// <summary>A request that came now would be a trial.</summary>
    private bool IsTrialDue(long now) => DueTrial(1, now) is not null;

    /// <summary>Takes from a booked report how work ended.</summary>
    private void NoteOutcomes(HolderAccount account, HolderReport report, long now)
    {
        if (account.HealthUnheard && account.HealthMessage != 0 && report.SeenMessage >= account.HealthMessage)
        {
            account.HealthUnheard = false;
        }

        foreach (ref readonly var outcomes in report.Outcomes.AsSpan())
        {
            if (_destinations.TryFind(outcomes.Destination) is not { } destination)
            {
                continue;
            }

            if (destination.Health is { Trial: not 0 } tried && tried.Trial == outcomes.Trial)
            {
                EndTrial(destination, outcomes.TrialEnd, now);
            }
            else if (!account.HealthUnheard && destination.Health is not { IsWithheld: true })
            {
                // What a pool says that has not heard of the last change is of the time before it.
                TakeEvidence(account, destination, outcomes, now);
            }
        }

        for (var i = _failed.Count - 1; i >= 0; i--)
        {
            // The permit is back, or the life never got it, and nothing is said of how it went.
            if (_failed[i] is { Health: { Trial: not 0 } health } destination && health.TrialLife == account.Life
                && report.AppliedDecision >= health.TrialDecision && !Holds(account, destination))
            {
                EndTrial(destination, TrialEnd.Undecided, now);
            }
        }
    }

    private void TakeEvidence(HolderAccount account, LedgerDestination destination, in DestinationOutcomes outcomes, long now)
    {
        var streak = _policy!.HasOneDestination ? outcomes.ConnectStreak : outcomes.Streak;
        if (!_policy.Ejection.Enabled || destination.Limit == 0 || (destination.Health is null && streak == 0))
        {
            return;
        }

        var evidence = (destination.Health ??= new DestinationHealth(_clock)).Evidence;
        var (isFirst, isNews) = evidence.Take(account.Life, outcomes, _policy, now);
        if (isFirst)
        {
            Watch(destination);
            foreach (var other in _accounts.Values)
            {
                // Whoever works at present; those who do not could only say that it is long ago.
                if (other != account && other is { Stored: true, Superseded: false, HealthUnheard: false } && (other.Demand > 0 || Holds(other, destination)))
                {
                    evidence.Ask(other.Life);
                    Tell(other, now);
                }
            }
        }

        if (isNews)
        {
            WithholdIfFailing(destination, now);
        }
    }

    private void WithholdIfFailing(LedgerDestination destination, long now)
    {
        if (destination.Health is not { } health || !health.Evidence.IsFailing(_policy!, now))
        {
            return;
        }

        var before = health.Condition;
        health.Withhold(_policy!, now);
        Changed(destination, before);
        foreach (var account in _accounts.Values)
        {
            if (!account.Superseded && (Holds(account, destination) || account.IsGrantedAt(destination.Name)))
            {
                Tell(account, now);
            }
        }
    }

    private static bool Holds(HolderAccount account, LedgerDestination destination)
    {
        foreach (var reported in account.Reported)
        {
            if (reported.Destination == destination)
            {
                return true;
            }
        }

        return false;
    }

    private void Tell(HolderAccount account, long now)
    {
        account.HealthUnheard = true;
        account.HealthMessage = 0;
        Notify(account);
        RetryPushesSoon(now);
    }

    /// <summary>Takes the passing of time: steps of a slow start, verdicts that were waited for, trials whose holder was lost with what it had.</summary>
    private void AdvanceHealth(long now)
    {
        for (var i = _failed.Count - 1; i >= 0; i--)
        {
            var destination = _failed[i];
            var health = destination.Health!;
            var before = health.Condition;
            if (health.Advance(now))
            {
                Changed(destination, before);
            }

            if (health.Trial != 0 && !_accounts.ContainsKey(health.TrialLife)
                && !_quarantines.Exists(quarantine => quarantine.Life == health.TrialLife && quarantine.Destination == destination))
            {
                EndTrial(destination, TrialEnd.Undecided, now);
            }

            if (!health.IsWithheld && health.Evidence.IsSuspicious)
            {
                if (health.Evidence.IsVerdictDue(now))
                {
                    WithholdIfFailing(destination, now);
                }

                health.Evidence.Advance(now);
                if (!health.Evidence.IsSuspicious)
                {
                    Watch(destination);
                }
            }
        }
    }

    private void ForgetEvidenceOf(StoredLife life)
    {
        foreach (var destination in _destinations.All)
        {
            destination.Health?.Evidence.Forget(life);
        }
    }

    /// <summary>A policy has come into force: destinations may have gone, and ejection may be off.</summary>
    private void ReviseHealth()
    {
        _failed.Clear();
        foreach (var destination in _destinations.All)
        {
            destination.Health = _policy!.Ejection.Enabled ? destination.Health : null;
            if (destination.Health is not null)
            {
                _failed.Add(destination);
            }
        }

        CountHealth();
    }

    private void ResumeHealth(Handover handover, long now)
    {
        foreach (var handed in handover.Failed ?? [])
        {
            if (_destinations.TryFind(handed.Destination) is { } destination)
            {
                destination.Health = new DestinationHealth(_clock);
                destination.Health.Resume(handed, _policy!, now);
            }
        }

        ReviseHealth();
    }

    private HandedHealth[] HandOverHealth() =>
    [
        .. _failed.Where(destination => destination.Health!.Condition != DestinationCondition.InService).Select(destination =>
        {
            var health = destination.Health!;
            var left = health.Until == MonotonicClock.Forever ? TimeSpan.Zero : _clock.Until(health.Until);
            return new HandedHealth(destination.Name, health.Condition, left, health.Pause, health.Trial, health.TrialLife);
        }),
    ];

    private void Changed(LedgerDestination destination, DestinationCondition before)
    {
        var health = destination.Health!;
        if (health.Condition != before)
        {
            if (health.Condition == DestinationCondition.Withheld)
            {
                NoteEjection();
            }

            if (_changes.Count == MostChanges)
            {
                _changes.Dequeue();
            }

            var left = health.Until == MonotonicClock.Forever ? TimeSpan.Zero : _clock.Until(health.Until);
            _changes.Enqueue(new DestinationChange(destination.Name, before, health.Condition, left));
        }

        Watch(destination);
    }

    /// <summary>Takes note that a destination may be sent more or less than before, or is watched, or no longer.</summary>
    private void Watch(LedgerDestination destination)
    {
        if (!_failed.Contains(destination))
        {
            _failed.Add(destination);
        }

        CountHealth();
    }

    private void CountHealth()
    {
        foreach (var destination in _failed)
        {
            // It drains, and takes nothing however it fares; once its trial has ended there is nothing to remember.
            destination.Health = destination is { Limit: 0, Health.Trial: 0 } ? null : destination.Health;
        }

        _failed.RemoveAll(destination => destination.Health is null or { Condition: DestinationCondition.InService, Evidence.IsSuspicious: false });
        _withheld = [.. _failed.Where(destination => destination.Health!.IsWithheld).Select(destination => destination.Name)];
        _watched = [.. _failed.Where(destination => destination.Health!.Evidence.IsSuspicious).Select(destination => destination.Name)];
        _destinations.CountOpen();
    }
}
