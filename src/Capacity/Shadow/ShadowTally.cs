namespace Admission.Capacity;

/// <summary>
/// What one process has counted of a policy that is decided in shadow. Each request is counted once when it begins, and once when it is decided, so at every instant
/// <see cref="ShadowTotals.Requests"/> is the sum of the decided ones and of <see cref="ShadowTotals.Waiting"/>.
/// </summary>
/// <remarks>Not thread-safe: its owner has a lock. Its size is fixed: a counter for each reason and for each bucket of waits.</remarks>
/// <param name="time">The clock.</param>
public sealed class ShadowTally(TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly long[] _waits = new long[PatienceBuckets.Count];
    private readonly SortedDictionary<RefusalReason, long> _refused = [];
    private long _requests;
    private long _atOnce;
    private long _waited;
    private TimeSpan _waitedFor;
    private long _gaveUp;
    private long _unknown;
    private long _malformed;
    private long _runTimeouts;
    private long _assumedRuns;

    /// <summary>The counts at this instant.</summary>
    public ShadowTotals Totals => new()
    {
        Age = time.GetElapsedTime(_began),
        Requests = _requests,
        AtOnce = _atOnce,
        Waited = _waited,
        WaitedFor = _waitedFor,
        Waits = ShadowWaits.Of(_waits),
        Refused = ShadowRefusals.Of(_refused),
        GaveUp = _gaveUp,
        Unknown = _unknown,
        Malformed = _malformed,
        RunTimeouts = _runTimeouts,
        AssumedRuns = _assumedRuns,
        Holders = 1,
    };

    /// <summary>A request has come.</summary>
    public void Begin() => _requests++;

    /// <summary>It would have been admitted without waiting.</summary>
    public void AtOnce() => _atOnce++;

    /// <summary>It would have been admitted after a wait in the queue.</summary>
    /// <param name="wait">How long.</param>
    public void Waited(TimeSpan wait)
    {
        _waited++;
        _waitedFor += wait;
        _waits[PatienceBuckets.Of(wait)]++;
    }

    /// <summary>It would have been refused; or nobody knows, because the shadow ledger could not say.</summary>
    /// <param name="reason">The rule.</param>
    public void Refused(RefusalReason reason)
    {
        if (reason is RefusalReason.LedgerUnreachable or RefusalReason.Recovering or RefusalReason.ShuttingDown or RefusalReason.UnknownBackend or RefusalReason.TooManyHolders)
        {
            _unknown++;
        }
        else
        {
            _refused[reason] = _refused.GetValueOrDefault(reason) + 1;
        }
    }

    /// <summary>Its client left while it would have waited.</summary>
    public void GaveUp() => _gaveUp++;

    /// <summary>Nobody knows what would have become of it.</summary>
    public void Unknown() => _unknown++;

    /// <summary>It says something of itself that is not understood, so a gateway that enforces would have refused it whatever the policy is.</summary>
    public void Malformed() => _malformed++;

    /// <summary>It would have been cut off at the policy's <see cref="BackendPolicy.RunTimeout"/>.</summary>
    public void RunTimedOut() => _runTimeouts++;

    /// <summary>How long it would run is not known, and taken from another request.</summary>
    public void AssumeRun() => _assumedRuns++;

    /// <summary>It is known after all.</summary>
    public void KnowRun() => _assumedRuns--;
}
