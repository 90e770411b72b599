namespace Admission.Capacity;

/// <summary>
/// What a policy that is decided in shadow would have done to requests: totals of one gateway since it took that policy up, so a report may be lost or repeated without
/// harm; or, in a <see cref="BackendDescription"/>, of all gateways.
/// </summary>
[GenerateSerializer, Immutable, Alias("Admission.ShadowTotals")]
public sealed record ShadowTotals
{
    /// <summary>How long it has been counted; of several gateways the longest.</summary>
    [Id(0)] public TimeSpan Age { get; init; }

    /// <summary>Requests that came.</summary>
    [Id(1)] public long Requests { get; init; }

    /// <summary>Those that would have been admitted without waiting.</summary>
    [Id(2)] public long AtOnce { get; init; }

    /// <summary>Those that would have been admitted after a wait in the queue.</summary>
    [Id(3)] public long Waited { get; init; }

    /// <summary>The sum of these waits.</summary>
    [Id(4)] public TimeSpan WaitedFor { get; init; }

    /// <summary>These waits by time, in ascending order of <see cref="ShadowWaits.Bucket"/>; buckets without any are left out. At most 176.</summary>
    [Id(5)] public ShadowWaits[] Waits { get; init; } = [];

    /// <summary>Those that would have been refused, by reason.</summary>
    [Id(6)] public ShadowRefusals[] Refused { get; init; } = [];

    /// <summary>Those whose client left while they would have waited.</summary>
    [Id(7)] public long GaveUp { get; init; }

    /// <summary>Those of which nobody knows, because the shadow ledger did not answer or too many were followed at once.</summary>
    [Id(8)] public long Unknown { get; init; }

    /// <summary>Those that a gateway which enforces would have answered with 400.</summary>
    [Id(9)] public long Malformed { get; init; }

    /// <summary>Admitted ones that would have been cut off at <see cref="BackendPolicy.RunTimeout"/>.</summary>
    [Id(10)] public long RunTimeouts { get; init; }

    /// <summary>Admitted ones whose time in the backend was taken from another request, because they did not run when they would have.</summary>
    [Id(11)] public long AssumedRuns { get; init; }

    /// <summary>The gateways that have counted.</summary>
    [Id(12)] public int Holders { get; init; }

    /// <summary>The version of the policy of which one gateway counts; 0 from gateways that do not say.</summary>
    [Id(13)] public long PolicyVersion { get; init; }

    /// <summary>Those that would have been refused.</summary>
    public long AllRefused
    {
        get
        {
            var sum = 0L;
            foreach (var refused in Refused)
            {
                sum += refused.Count;
            }

            return sum;
        }
    }

    /// <summary>Those that would still be waiting.</summary>
    public long Waiting => Requests - AtOnce - Waited - AllRefused - GaveUp - Unknown - Malformed;

    /// <summary>The mean wait of those that waited and were admitted; null if there are none.</summary>
    public TimeSpan? MeanWait => Waited == 0 ? null : WaitedFor / Waited;

    /// <summary>The wait that a part of those that waited and were admitted did not exceed, by nearest rank and to 5 %; null if there are none.</summary>
    /// <param name="part">The part, from 0 to 1.</param>
    public TimeSpan? WaitAt(double part)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(part, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, 1);
        var left = Math.Max(1, (long)Math.Ceiling(part * Waited));
        foreach (var (bucket, count) in Waits)
        {
            left -= count;
            if (left <= 0)
            {
                return TimeSpan.FromMilliseconds(PatienceBuckets.Middle(bucket));
            }
        }

        return null;
    }

    /// <summary>The counts of several gateways together; null for none.</summary>
    /// <param name="each">Their totals.</param>
    public static ShadowTotals? Sum(IEnumerable<ShadowTotals> each)
    {
        ArgumentNullException.ThrowIfNull(each);
        var waits = new long[PatienceBuckets.Count];
        var refused = new SortedDictionary<RefusalReason, long>();
        ShadowTotals? sum = null;
        foreach (var totals in each)
        {
            sum = sum?.Plus(totals) ?? totals;
            foreach (var (bucket, count) in totals.Waits)
            {
                waits[bucket] += count;
            }

            foreach (var (reason, count) in totals.Refused)
            {
                refused[reason] = refused.GetValueOrDefault(reason) + count;
            }
        }

        return sum is null ? null : sum with { Waits = ShadowWaits.Of(waits), Refused = ShadowRefusals.Of(refused) };
    }

    private ShadowTotals Plus(ShadowTotals other) => this with
    {
        Age = Age > other.Age ? Age : other.Age,
        Requests = Requests + other.Requests,
        AtOnce = AtOnce + other.AtOnce,
        Waited = Waited + other.Waited,
        WaitedFor = WaitedFor + other.WaitedFor,
        GaveUp = GaveUp + other.GaveUp,
        Unknown = Unknown + other.Unknown,
        Malformed = Malformed + other.Malformed,
        RunTimeouts = RunTimeouts + other.RunTimeouts,
        AssumedRuns = AssumedRuns + other.AssumedRuns,
        Holders = Holders + other.Holders,
    };

    /// <summary>Says what is wrong with totals that nobody can have counted; null when nothing is.</summary>
    internal string? Mistake
    {
        get
        {
            var last = -1;
            foreach (var (bucket, count) in Waits)
            {
                if (bucket <= last || bucket >= PatienceBuckets.Count || count < 0)
                {
                    return $"Waits in shadow are counted in buckets from 0 to {PatienceBuckets.Count - 1} in ascending order; {bucket} has {count}.";
                }

                last = bucket;
            }

            var least = Math.Min(Math.Min(Math.Min(AtOnce, Waited), Math.Min(GaveUp, Unknown)), Math.Min(Malformed, Waiting));
            return least < 0 || Array.Exists(Refused, refused => refused.Count < 0)
                ? $"Of {Requests} requests in shadow {AtOnce}, {Waited}, {AllRefused}, {GaveUp}, {Unknown} and {Malformed} cannot have been decided."
                : null;
        }
    }
}

/// <summary>Requests that would have waited so long, to 9 %; each doubling of time has eight buckets, from 1 ms on.</summary>
/// <param name="Bucket">The bucket: 0 to 175.</param>
/// <param name="Count">The requests.</param>
[GenerateSerializer, Immutable, Alias("Admission.ShadowWaits")]
public readonly record struct ShadowWaits([property: Id(0)] int Bucket, [property: Id(1)] long Count)
{
    internal static ShadowWaits[] Of(long[] counts) =>
        [.. counts.Select((count, bucket) => new ShadowWaits(bucket, count)).Where(wait => wait.Count > 0)];
}

/// <summary>Requests that would have been refused for one reason.</summary>
/// <param name="Reason">The rule.</param>
/// <param name="Count">The requests.</param>
[GenerateSerializer, Immutable, Alias("Admission.ShadowRefusals")]
public readonly record struct ShadowRefusals([property: Id(0)] RefusalReason Reason, [property: Id(1)] long Count)
{
    internal static ShadowRefusals[] Of(SortedDictionary<RefusalReason, long> counts) => [.. counts.Select(each => new ShadowRefusals(each.Key, each.Value))];
}
