namespace Admission.Capacity;

/// <content>What is counted for whoever watches: plain fields under the lock, because what is counted for nobody must cost nothing.</content>
public sealed partial class PermitPool
{
    private readonly long[] _refused = new long[RefusalReasons.Count];
    private long _admittedAfterWait;

    /// <summary>In lives that are over.</summary>
    private long _admittedBefore;
    private long _gaveUp;
    private long _recalls;
    private long _leasesLost;
    private TimeSpan _detachedTime;

    /// <summary>Until when the time without a ledger has been counted.</summary>
    private long _detachedCounted;

    private long AllAdmitted => _admittedBefore + _permits.Admitted;

    /// <summary>What the pool has counted since it was made.</summary>
    public PoolTotals Totals
    {
        get
        {
            lock (_lock)
            {
                var refused = new List<RefusalTotal>();
                for (var reason = 0; reason < _refused.Length; reason++)
                {
                    var count = _refused[reason] + _demand.AllRefusedUnlocked((RefusalReason)reason);
                    if (count > 0)
                    {
                        refused.Add(new RefusalTotal((RefusalReason)reason, count));
                    }
                }

                return new PoolTotals(AllAdmitted - _admittedAfterWait, _admittedAfterWait, _gaveUp, refused, _recalls, _leasesLost, _detachedTime);
            }
        }
    }

    private HolderTotals TotalsToReport()
    {
        var refused = 0L;
        for (var reason = 0; reason < _refused.Length; reason++)
        {
            refused += _refused[reason] + _demand.AllRefusedUnlocked((RefusalReason)reason);
        }

        return new HolderTotals(AllAdmitted - _admittedAfterWait, _admittedAfterWait, refused);
    }

    /// <summary>Counts a message by which the ledger begins to ask for idle permits. Called before it is applied.</summary>
    private void NoteRecall(LedgerMessage message)
    {
        var isRecall = message.Contended && !_contended;
        foreach (var destination in _permits.Destinations)
        {
            isRecall |= !destination.Recalled && Array.IndexOf(message.Recalled, destination.Name) >= 0;
        }

        _recalls += isRecall ? 1 : 0;
    }

    /// <summary>
    /// Counts the time without a ledger up to now. Called with each exchange that fails, and with the one that ends it, so the time in which a pool that nobody uses asks for nothing is not counted.
    /// </summary>
    private void CountDetached(long now)
    {
        if (_detached)
        {
            _detachedTime += _clock.Between(_detachedCounted, now);
        }

        _detachedCounted = now;
    }
}
