using System.Diagnostics;

namespace Admission.Capacity;

/// <content>How work ends at its destination, what the ledger makes of it, and what a detached pool does by itself.</content>
public sealed partial class PermitPool
{
    /// <summary>A trial that no request has used for so long goes back.</summary>
    private static readonly TimeSpan IdleTrialFor = TimeSpan.FromSeconds(1);

    private int _idleTrials;
    private long _idleTrialSince;
    private bool _withheldAny;
    private long _parkedUntil = MonotonicClock.Forever;

    /// <summary>Takes note of how work ended at a destination, where that is not simply served.</summary>
    private void NoteOutcome(PoolDestination destination, int slot, int era, RunOutcome outcome)
    {
        if (destination.RunningTrial != 0 && destination.TrialSlot == slot)
        {
            EndTrial(destination, destination.RunningTrial, outcome switch
            {
                RunOutcome.Served => TrialEnd.Served,
                RunOutcome.Unknown => TrialEnd.Undecided,
                _ => TrialEnd.Failed,
            });
            destination.RunningTrial = 0;
        }
        else if (outcome != RunOutcome.Unknown && era == destination.Era && _policy.Ejection.Enabled)
        {
            destination.Outcomes ??= new PoolOutcomes();
            _hasNews |= destination.Outcomes.Note(outcome);
            ParkIfFailing(destination);
        }

        DropWithheld(destination);
    }

    private void EndTrial(PoolDestination destination, long number, TrialEnd end)
    {
        (destination.Outcomes ??= new PoolOutcomes()).EndTrial(number, end);
        _hasNews = true;
    }

    /// <summary>The ledger grants the trial of a withheld destination: one request, and nobody else's if its own is gone.</summary>
    private void ApplyTrial(in Decision grant, WaitingRequest? waiter, long now, ref Changes changes)
    {
        var destination = _permits.Find(grant.Destination);
        if (grant.Ticket == 0)
        {
            Debug.Assert(grant.Permits == 1, "A trial that waits for its request has one permit.");
            _permits.AddIdle(destination, grant.Permits);
            destination.IdleTrial = grant.Trial;
            _idleTrials++;
            _idleTrialSince = now;
        }
        else if (waiter is null || waiter.Deadline <= now)
        {
            EndTrial(destination, grant.Trial, TrialEnd.Undecided);
        }
        else
        {
            Remove(waiter);
            _permits.AddInUse(destination, grant.Permits);
            var result = AdmittedByGrant(destination, grant, now, waiter);
            destination.RunningTrial = grant.Trial;
            destination.TrialSlot = result.Permit.Slot;
            changes.Decide(waiter, result);
        }
    }

    /// <summary>An idle permit of a trial has found its request.</summary>
    private void BeginIdleTrial(PoolDestination destination, int slot)
    {
        destination.RunningTrial = destination.IdleTrial;
        destination.TrialSlot = slot;
        destination.IdleTrial = 0;
        _idleTrials--;
    }

    private long IdleTrialEnd => _idleTrials == 0 || _detached ? MonotonicClock.Forever : _idleTrialSince + _clock.Ticks(IdleTrialFor);

    /// <summary>Gives the permits of trials back that no request has used, if others wait or none comes.</summary>
    private void EndIdleTrials(long now)
    {
        if (_idleTrials == 0 || _detached || (!_contended && !_leaving && now < IdleTrialEnd))
        {
            return;
        }

        foreach (var destination in _permits.Destinations)
        {
            if (destination.IdleTrial != 0)
            {
                _permits.AddIdle(destination, -1);
                EndTrial(destination, destination.IdleTrial, TrialEnd.Undecided);
                destination.IdleTrial = 0;
                _idleTrials--;
            }
        }
    }

    /// <summary>Applies what the ledger says of destinations that fail.</summary>
    private void ApplyHealth(LedgerMessage message)
    {
        if (message.Withheld.Length == 0 && message.Watched.Length == 0 && !_withheldAny)
        {
            return;
        }

        _withheldAny = message.Withheld.Length > 0 || message.Watched.Length > 0;
        foreach (var name in message.Withheld)
        {
            // Known from now on, so that a permit that is released there later is not kept.
            _permits.Find(name);
        }

        foreach (var name in message.Watched)
        {
            // The ledger waits for a word of it.
            _permits.Find(name);
        }

        foreach (var destination in _permits.Destinations)
        {
            var withheld = Array.IndexOf(message.Withheld, destination.Name) >= 0;
            var watched = Array.IndexOf(message.Watched, destination.Name) >= 0;
            if (withheld && !destination.Withheld)
            {
                destination.Era++;
                destination.Outcomes?.EndStreak();
                _hasNews = true;
            }

            destination.Withheld = withheld;
            destination.Recalled &= !withheld;
            DropWithheld(destination);
            if (watched && destination.Outcomes is not { Watched: true })
            {
                destination.Outcomes ??= new PoolOutcomes();
                _hasNews = true;
            }

            if (destination.Outcomes is { } outcomes)
            {
                outcomes.Watched = watched;
            }
        }
    }

    /// <summary>Nothing but a trial is kept of a withheld destination.</summary>
    private void DropWithheld(PoolDestination destination)
    {
        if (!destination.Withheld)
        {
            return;
        }

        _permits.Unpark(destination);
        if (destination.Idle > (destination.IdleTrial == 0 ? 0 : 1))
        {
            _permits.AddIdle(destination, (destination.IdleTrial == 0 ? 0 : 1) - destination.Idle);
            _hasNews = true;
        }
    }

    private DestinationOutcomes[] OutcomesFor(long report, long now)
    {
        List<DestinationOutcomes>? all = null;
        foreach (var destination in _permits.Destinations)
        {
            if (destination.Outcomes is { IsDue: true } outcomes)
            {
                outcomes.Reported(report);
                var (trial, end) = outcomes.LastTrial;
                (all ??= []).Add(new DestinationOutcomes(
                    destination.Name, outcomes.Streak, outcomes.ConnectStreak, outcomes.ConnectsFailed, outcomes.TimedOut, outcomes.Broken,
                    destination.ServedAt == MonotonicClock.Never ? null : _clock.Between(destination.ServedAt, now), trial, end));
            }
        }

        return all is null ? [] : [.. all];
    }

    private void AcknowledgeOutcomes()
    {
        foreach (var destination in _permits.Destinations)
        {
            destination.Outcomes?.Acknowledge(_acknowledgedReport);
        }
    }

    /// <summary>
    /// A ledger that does not answer withholds nothing. So a detached pool leaves a destination alone that has failed for it so often in a row: it keeps its idle
    /// permits, but uses none for the shortest pause; then one more failure does the same.
    /// </summary>
    private void ParkIfFailing(PoolDestination destination)
    {
        if (_detached && !destination.Withheld && destination.Outcomes!.Streak >= _policy.Ejection.Failures && destination is { Idle: > 0, IdleTrial: 0 })
        {
            _permits.Park(destination);
            _parkedUntil = Math.Min(_parkedUntil, _clock.Now + _clock.Ticks(_policy.Ejection.ShortestPause));
        }
    }

    private void UnparkAll()
    {
        _parkedUntil = MonotonicClock.Forever;
        foreach (var destination in _permits.Destinations)
        {
            _permits.Unpark(destination);
        }
    }
}
