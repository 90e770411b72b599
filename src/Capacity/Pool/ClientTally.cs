namespace Admission.Capacity;

/// <summary>One life's counts of how long clients stayed. Guarded by the pool's lock.</summary>
internal sealed class ClientTally
{
    private readonly Counts[] _buckets = new Counts[PatienceBuckets.Count];
    private int _used;
    private long _inTime;
    private long _forNothing;
    private bool _changed;
    private long _reportedIn;

    /// <summary>A client left while it waited.</summary>
    /// <param name="after">How long after it came.</param>
    public void LeftWaiting(TimeSpan after) => Count(after).Left++;

    /// <summary>A client left while its request was in the backend.</summary>
    /// <param name="after">How long after it came, its wait included.</param>
    public void LeftInside(TimeSpan after)
    {
        Count(after).Left++;
        _forNothing++;
    }

    /// <summary>A client was there to be refused, or to be answered where nobody asks how long that took.</summary>
    /// <param name="after">How long after it came.</param>
    public void Refused(TimeSpan after) => Count(after).Stayed++;

    /// <summary>A client was there when its answer began.</summary>
    /// <param name="after">How long after it came, its wait included.</param>
    /// <param name="inside">How long after the grant.</param>
    public void Answered(TimeSpan after, TimeSpan inside)
    {
        Count(after).Stayed++;
        Count(inside).Answers++;
        _inTime++;
    }

    /// <summary>The backend has done what a client that left had asked for: so long the answer took.</summary>
    /// <param name="inside">How long after the grant.</param>
    public void Done(TimeSpan inside) => Count(inside).Answers++;

    /// <summary>The totals, if the ledger does not have them yet; else null.</summary>
    /// <param name="report">The report that will carry them.</param>
    /// <param name="acknowledged">The newest report that the ledger has acknowledged; 0 for none.</param>
    public ClientTotals? News(long report, long acknowledged)
    {
        if (_changed)
        {
            _changed = false;
            _reportedIn = report;
        }

        return _reportedIn > acknowledged ? Totals() : null;
    }

    private ref Counts Count(TimeSpan time)
    {
        _changed = true;
        ref var counts = ref _buckets[PatienceBuckets.Of(time)];
        if (!counts.Used)
        {
            counts.Used = true;
            _used++;
        }

        return ref counts;
    }

    private ClientTotals Totals()
    {
        var buckets = new ClientBucket[_used];
        var next = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            if (_buckets[i].Used)
            {
                buckets[next++] = new ClientBucket(i, _buckets[i].Left, _buckets[i].Stayed, _buckets[i].Answers);
            }
        }

        return new ClientTotals { Buckets = buckets, InTime = _inTime, ForNothing = _forNothing };
    }

    private struct Counts
    {
        public long Left;
        public long Stayed;
        public long Answers;
        public bool Used;
    }
}
