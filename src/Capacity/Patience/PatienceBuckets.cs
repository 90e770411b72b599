namespace Admission.Capacity;

/// <summary>
/// The buckets in which times of clients are counted: eight to each doubling, from 1 ms to 70 minutes, so that a time is known to 9 %. The first has what is
/// shorter, the last what is longer.
/// </summary>
internal static class PatienceBuckets
{
    /// <summary>How many there are; it bounds what a report carries and what a ledger keeps.</summary>
    public const int Count = 176;

    private const int PerDoubling = 8;

    private static readonly double[] Starts = [0, .. Enumerable.Range(1, Count).Select(bucket => Math.Pow(2, (double)bucket / PerDoubling))];

    /// <summary>The bucket of a time.</summary>
    public static int Of(TimeSpan time) => Of(time.TotalMilliseconds);

    /// <summary>The bucket of a number of milliseconds.</summary>
    public static int Of(double milliseconds) => milliseconds < Starts[1] ? 0 : Math.Min(Count - 1, (int)(PerDoubling * Math.Log2(milliseconds)));

    /// <summary>Where a bucket begins, in milliseconds; that of <see cref="Count"/> is the end of the last.</summary>
    public static double Start(int bucket) => Starts[bucket];

    /// <summary>A time that stands for all of a bucket, in milliseconds.</summary>
    public static double Middle(int bucket) => bucket == 0 ? 0.5 : Math.Sqrt(Starts[bucket] * Starts[bucket + 1]);
}
