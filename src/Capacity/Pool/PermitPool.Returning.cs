namespace Admission.Capacity;

/// <content>
/// How permits come back. While nothing but the count of idle permits would change, they need no lock: they are put aside and booked by whoever has the lock next, so that of a request that is admitted and released only the
/// admission waits for others.
/// </content>
/// <remarks>
/// A permit that is put aside counts as in use, so a late booking can never let too many in. It must not be forgotten either: whoever is about to change what a returned permit means (a request that waits, a word of
/// the ledger) first takes the permission away and then books what was put aside (<see cref="Settle"/>); whoever has put a permit aside then looks at the permission again. With a full fence between the two steps of
/// both, one of them sees the other (Dekker's protocol).
/// </remarks>
public sealed partial class PermitPool
{
    /// <summary>Permits may come back without the lock. Written under the lock.</summary>
    private volatile bool _returnsUnlocked;

    /// <summary>Something may have changed since it was looked at last whether they may.</summary>
    private bool _lookAgain = true;

    /// <summary>Gives a permit back. For a permit of an ended life there is nothing to give.</summary>
    /// <param name="permit">A permit of this pool.</param>
    /// <param name="outcome">How the request's time at its destination ended. Only the time of what was served is measured.</param>
    /// <returns>What the owner has to do.</returns>
    /// <exception cref="InvalidOperationException">The permit was released before.</exception>
    public PoolEffects Release(in Permit permit, RunOutcome outcome = RunOutcome.Served)
    {
        if (!_returnsUnlocked || outcome != RunOutcome.Served || !permit.Life.Permits.TryReturnUnlocked(permit.Slot, permit.Generation))
        {
            return ReleaseLocked(permit, outcome);
        }

        return _returnsUnlocked ? default : BookNow(permit.Life);
    }

    private PoolEffects ReleaseLocked(in Permit permit, RunOutcome outcome)
    {
        lock (_lock)
        {
            BookReturned();
            var (destination, weight, sampledFrom, waited, era) = permit.Life.Permits.Return(permit.Slot, permit.Generation);
            if (!ReferenceEquals(permit.Life, _life))
            {
                return default;
            }

            _permits.Release(destination, weight);
            _standing = null;
            if (_capped.Count > 0)
            {
                _capped.Return(permit.Slot);
            }

            var inside = sampledFrom == MonotonicClock.Never ? TimeSpan.Zero : _measuringTime.GetElapsedTime(sampledFrom);
            Measure(permit.Slot, sampledFrom, inside, waited, weight, outcome);

            // A destination that says that it is overloaded has answered.
            var hasServed = outcome is RunOutcome.Served or RunOutcome.Overloaded;
            if (hasServed)
            {
                // Not before the last admission, which is near enough until somebody asks.
                destination.ServedAt = Math.Max(destination.ServedAt, sampledFrom == MonotonicClock.Never && destination.Outcomes is null ? _lastUse : _clock.Now);
            }

            if (hasServed && !ChangesMore(destination))
            {
                return default;
            }

            Settle();
            if (!hasServed || destination.IsLookedAt)
            {
                NoteOutcome(destination, permit.Slot, era, hasServed ? RunOutcome.Served : outcome);
            }

            return AfterReturn();
        }
    }

    /// <summary>What a permit means that was put aside has changed meanwhile.</summary>
    private PoolEffects BookNow(HolderLife life)
    {
        lock (_lock)
        {
            Settle();
            return ReferenceEquals(life, _life) ? AfterReturn() : default;
        }
    }

    private PoolEffects AfterReturn()
    {
        var changes = new Changes();
        ServeWaiters(_clock.Now, ref changes);
        _hasNews |= IdleToGiveBack() || (_reportIdle && _permits.Idle > 0) || _leaving;
        return Effects(changes);
    }

    /// <summary>Whether more than the count of idle permits changes when one comes back that has served there.</summary>
    private bool ChangesMore(PoolDestination destination) =>
        destination.IsLookedAt || destination.Recalled || WaiterCount > 0 || _contended || _reportIdle || _leaving || _permits.Held > _allowance;

    /// <summary>Called before anything that may change what a returned permit means: from here on permits come back under the lock, and all that came back before are booked.</summary>
    private void Settle()
    {
        if (_returnsUnlocked)
        {
            _returnsUnlocked = false;
            Interlocked.MemoryBarrier();
        }

        _lookAgain = true;
        BookReturned();
    }

    private void BookReturned()
    {
        if (!_permits.BookReturned(_lastUse) || !_withheldAny)
        {
            return;
        }

        // One came back just as its destination was withheld: nothing is kept there.
        foreach (var destination in _permits.Destinations)
        {
            DropWithheld(destination);
        }
    }

    /// <summary>Lets permits come back without the lock, if that would change nothing but the count of idle ones, wherever they were. The last act under the lock.</summary>
    private void LetReturnUnlocked()
    {
        if (_standing is not null || _capped.Count > 0)
        {
            return;
        }

        _lookAgain = false;
        var destinations = _permits.Destinations;
        for (var i = 0; i < destinations.Count; i++)
        {
            var destination = destinations[i];
            if (ChangesMore(destination) || destination.IdleTrial != 0 || destination.Outcomes is { IsDue: true })
            {
                return;
            }
        }

        _returnsUnlocked = true;
    }
}
