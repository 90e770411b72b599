namespace Admission.Capacity;

/// <summary>
/// How many permits a pool would have used at its recent peak, had it had them: the highest number in use and waiting in the last two
/// windows, and what was refused here, turned into permits by Little's law (arrivals per second x seconds each). Guarded by the pool's lock.
/// </summary>
internal sealed class PoolDemand(long windowTicks, long start)
{
    private long _windowStart = start;
    private int _peak;
    private int _formerPeak;
    private readonly long[] _unlocked = new long[RefusalReasons.Count];
    private long _unlockedMeasured;
    private long _refused;

    /// <summary>Notes a number in use and waiting.</summary>
    public void Observe(int concurrency)
    {
        if (concurrency > _peak)
        {
            _peak = concurrency;
        }
    }

    /// <summary>Notes an arrival that was refused without asking the ledger.</summary>
    public void Refused() => _refused++;

    /// <summary>The same, without the pool's lock.</summary>
    /// <param name="reason">The rule that refused, which is counted for good: <see cref="AllRefusedUnlocked"/>.</param>
    /// <returns>How many there were, this one included.</returns>
    public long RefusedUnlocked(RefusalReason reason) => Interlocked.Increment(ref _unlocked[reason.Counter()]);

    /// <summary>Takes the last one back: it was not refused.</summary>
    /// <param name="reason">As it was counted.</param>
    public void NotRefusedUnlocked(RefusalReason reason) => Interlocked.Decrement(ref _unlocked[reason.Counter()]);

    /// <summary>All arrivals that one rule has refused without the pool's lock.</summary>
    public long AllRefusedUnlocked(RefusalReason reason) => Volatile.Read(ref _unlocked[reason.Counter()]);

    /// <summary>The demand at this instant.</summary>
    /// <param name="now">This instant.</param>
    /// <param name="concurrency">Permits in use and requests waiting now.</param>
    /// <param name="meanTicks">The mean time that a permit is in use; 0 if unknown.</param>
    public int Measure(long now, int concurrency, double meanTicks)
    {
        Observe(concurrency);
        var unlocked = 0L;
        foreach (ref var count in _unlocked.AsSpan())
        {
            unlocked += Volatile.Read(ref count);
        }

        _refused += unlocked - _unlockedMeasured;
        _unlockedMeasured = unlocked;
        var window = now - _windowStart;
        var peak = Math.Max(_peak, _formerPeak);
        var unserved = window <= 0 ? 0 : Math.Ceiling(_refused * meanTicks / window);
        var demand = (int)Math.Min(peak + unserved, BackendPolicyRules.LargestLimit);
        if (window >= windowTicks)
        {
            _windowStart = now;
            _formerPeak = _peak;
            _peak = concurrency;
            _refused = 0;
        }

        return demand;
    }
}
