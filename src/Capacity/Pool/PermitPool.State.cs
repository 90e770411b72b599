namespace Admission.Capacity;

/// <content>What others may look at.</content>
public sealed partial class PermitPool
{
    /// <summary>Permits in use in the present life.</summary>
    public int InUse
    {
        get
        {
            lock (_lock)
            {
                BookReturned();
                return _permits.InUse;
            }
        }
    }

    /// <summary>Idle permits.</summary>
    public int Idle
    {
        get
        {
            lock (_lock)
            {
                BookReturned();
                return _permits.Idle;
            }
        }
    }

    /// <summary>Requests that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return WaiterCount;
            }
        }
    }

    /// <summary>The epoch adopted; 0 before the first answer.</summary>
    public long Epoch
    {
        get
        {
            lock (_lock)
            {
                return _epoch;
            }
        }
    }

    /// <summary>The present life.</summary>
    public HolderLife Life
    {
        get
        {
            lock (_lock)
            {
                return _life;
            }
        }
    }

    /// <summary>Whether the lease is valid at this instant.</summary>
    public bool HasLease
    {
        get
        {
            lock (_lock)
            {
                return _clock.Now < _life.LeaseEnd;
            }
        }
    }

    /// <summary>What the ledger last said of itself; None before its first answer.</summary>
    public LedgerStatus LedgerStatus
    {
        get
        {
            lock (_lock)
            {
                return _status;
            }
        }
    }

    /// <summary>The ledger does not answer: the pool serves from what it holds.</summary>
    public bool IsDetached
    {
        get
        {
            lock (_lock)
            {
                return _detached;
            }
        }
    }

    /// <summary>Where the pool stands.</summary>
    public PoolState State
    {
        get
        {
            lock (_lock)
            {
                BookReturned();
                var now = _clock.Now;

                // Quiet, it asks its ledger no more, and only a request makes it. None comes to a gateway that says that it is cut off.
                var isDetached = _detached && !IsQuiet;
                return new PoolState(
                    _permits.Held, _permits.InUse, WaiterCount, now < _life.LeaseEnd ? _clock.Between(now, _life.LeaseEnd) : TimeSpan.Zero,
                    isDetached, isDetached ? _clock.Between(_lastAnswer, now) : TimeSpan.Zero, _status, _reportSequence);
            }
        }
    }
}
