using System.Diagnostics;

namespace Admission.Capacity;

/// <content>
/// Permits that become leases of their own: they leave the pool with the report that hands them over, and each report repeats it until the ledger has stored them. From then on they count for the lease, whatever becomes
/// of this pool.
/// </content>
public sealed partial class PermitPool
{
    /// <summary>The ledger has so long to confirm a lease, and 90 % of its time-to-live at most: before it could have been reclaimed, this pool names it no more.</summary>
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(10);

    private readonly List<PendingLease> _handOvers = [];
    private List<DecidedLease>? _decidedLeases;
    private long _lastHandOver;
    private long _handOverDue = MonotonicClock.Forever;

    /// <summary>Makes a lease of an admitted permit. The permit is not the caller's any more: it is neither released nor used.</summary>
    /// <param name="permit">A permit of this pool.</param>
    /// <param name="lease">The lease; is told the outcome (<see cref="PoolEffects.HasLeases"/>).</param>
    /// <returns>What the owner has to do.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time-to-live is not from 1 s to 1 h.</exception>
    /// <exception cref="InvalidOperationException">The permit was released before.</exception>
    public PoolEffects HandOver(in Permit permit, PendingLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        if (lease.Ttl < LeaseRules.ShortestTtl || lease.Ttl > LeaseRules.LongestTtl)
        {
            throw new ArgumentOutOfRangeException(nameof(lease), $"A time-to-live of {lease.Ttl} is not possible: it is from {LeaseRules.ShortestTtl} to {LeaseRules.LongestTtl}.");
        }

        lock (_lock)
        {
            Settle();
            var changes = new Changes();
            CheckLease(_clock.Now, ref changes);
            var (destination, permits, _, _, _) = permit.Life.Permits.Return(permit.Slot, permit.Generation);
            if (!ReferenceEquals(permit.Life, _life))
            {
                Decide(lease, LeaseState.Unconfirmed);
                return Effects(changes);
            }

            if (destination.RunningTrial != 0 && destination.TrialSlot == permit.Slot)
            {
                // Nobody here sees how its work ends.
                EndTrial(destination, destination.RunningTrial, TrialEnd.Undecided);
                destination.RunningTrial = 0;
            }

            // The slot again, with another generation: whoever releases the permit now is found out.
            lease.Slot = _permits.Take(destination, permits, MonotonicClock.Never, PoolPermits.NotWatched);
            Debug.Assert(lease.Slot.Slot == permit.Slot, "A slot that was freed last is used first, so that what is noted of its tenant stays.");
            lease.Number = ++_lastHandOver;
            lease.Destination = destination;
            lease.Permits = permits;
            _handOvers.Add(lease);
            _hasNews = true;
            return Effects(changes);
        }
    }

    /// <summary>Takes the leases that were decided since the last call.</summary>
    /// <returns>Call <see cref="PendingLease.Decided"/> on each, outside any lock.</returns>
    public IReadOnlyList<DecidedLease> TakeLeases()
    {
        lock (_lock)
        {
            var decided = _decidedLeases;
            _decidedLeases = null;
            return decided ?? [];
        }
    }

    private void Decide(PendingLease lease, LeaseState state, FencingToken fencing = default, TimeSpan left = default) =>
        (_decidedLeases ??= []).Add(new DecidedLease(lease, new LeaseOutcome(state, fencing, left)));

    /// <summary>What a report hands over. With the first that names it, a lease's permits leave the pool.</summary>
    private LeaseHandOver[]? HandOversFor(long now)
    {
        if (_handOvers.Count == 0)
        {
            return null;
        }

        var handOvers = new LeaseHandOver[Math.Min(_handOvers.Count, LeaseRules.MostPerReport)];
        for (var i = 0; i < handOvers.Length; i++)
        {
            var lease = _handOvers[i];
            if (lease.FirstSent == MonotonicClock.Never)
            {
                _permits.Return(lease.Slot.Slot, lease.Slot.Generation);
                _permits.HandOver(lease.Destination, lease.Permits);
                _capped.Return(lease.Slot.Slot);
                lease.FirstSent = now;
                _handOverDue = Math.Min(_handOverDue, EndOf(lease));
            }

            handOvers[i] = new LeaseHandOver(lease.Number, lease.Key, lease.Destination.Name, lease.Permits, lease.Ttl, lease.Tenant, lease.Priority);
        }

        return handOvers;
    }

    private long EndOf(PendingLease lease)
    {
        var within = LeaseTimes.AtHolder(lease.Ttl);
        return lease.FirstSent + _clock.Ticks(within < ConfirmWithin ? within : ConfirmWithin);
    }

    /// <summary>Takes what the ledger says of leases. It is said once and stays so, whatever message brings it.</summary>
    private void ApplyLeases(LeaseGrant[] grants, long now)
    {
        foreach (ref readonly var grant in grants.AsSpan())
        {
            var number = grant.HandOver;
            var index = _handOvers.FindIndex(lease => lease.Number == number);
            if (index < 0 || _handOvers[index] is not { FirstSent: not MonotonicClock.Never } lease)
            {
                continue;
            }

            _handOvers.RemoveAt(index);
            var left = LeaseTimes.AtHolder(lease.Ttl) - _clock.Between(lease.FirstSent, now);
            var state = grant.State == LeaseState.Held && left <= TimeSpan.Zero ? LeaseState.Unconfirmed : grant.State;
            Decide(lease, state, grant.Fencing, left);
            _hasNews |= _leaving || (_handOvers.Count > 0 && _handOvers[^1].FirstSent == MonotonicClock.Never);
        }
    }

    /// <summary>Gives up what was not confirmed in time. Its permits are not the pool's any more: they are the ledger's, or the lease's, until that is reclaimed.</summary>
    private void ExpireHandOvers(long now)
    {
        if (now < _handOverDue)
        {
            return;
        }

        _handOverDue = MonotonicClock.Forever;
        for (var i = _handOvers.Count - 1; i >= 0; i--)
        {
            var lease = _handOvers[i];
            if (lease.FirstSent == MonotonicClock.Never)
            {
                continue;
            }

            if (EndOf(lease) is var end && end <= now)
            {
                _handOvers.RemoveAt(i);
                Decide(lease, LeaseState.Unconfirmed);
                _hasNews = true;
            }
            else
            {
                _handOverDue = Math.Min(_handOverDue, end);
            }
        }
    }

    /// <summary>The life is over. What it has handed over may have been stored, but nobody will confirm it.</summary>
    private void LoseHandOvers()
    {
        foreach (var lease in _handOvers)
        {
            Decide(lease, LeaseState.Unconfirmed);
        }

        _handOvers.Clear();
        _handOverDue = MonotonicClock.Forever;
    }
}
