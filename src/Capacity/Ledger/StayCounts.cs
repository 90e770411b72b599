namespace Admission.Capacity;

/// <summary>
/// How many clients were present in each bucket of time, and how many of them left there: the last 256, which fade by half in 64 times the bucket's own time, 15 s at least.
/// </summary>
internal sealed class StayCounts
{
    private const double MostPresent = 256;
    private const double FadesInItsOwnTimes = 64;

    private static readonly TimeSpan ShortestFade = TimeSpan.FromSeconds(15);

    private readonly double[] _present = new double[PatienceBuckets.Count];
    private readonly double[] _left = new double[PatienceBuckets.Count];

    public double Present(int bucket) => _present[bucket];

    public double Left(int bucket) => _left[bucket];

    /// <summary>Takes a life's totals.</summary>
    /// <param name="before">Those taken before; null for none.</param>
    /// <param name="now">The new ones.</param>
    /// <param name="answered">Is told the answers of each bucket that are new; null if they do not count.</param>
    /// <returns>How many have left.</returns>
    public long Add(ClientTotals? before, ClientTotals now, Action<int, long>? answered = null)
    {
        var former = before?.Buckets ?? [];
        var next = former.Length - 1;
        var longer = 0.0;
        var departures = 0L;
        var bucket = PatienceBuckets.Count;
        for (var i = now.Buckets.Length - 1; i >= 0; i--)
        {
            var counts = now.Buckets[i];
            while (next >= 0 && former[next].Bucket > counts.Bucket)
            {
                next--;
            }

            var had = next >= 0 && former[next].Bucket == counts.Bucket ? former[next] : default;
            var (left, stayed) = (Math.Max(0, counts.Left - had.Left), Math.Max(0, counts.Stayed - had.Stayed));
            departures += left;
            Observe(counts.Bucket + 1, bucket, longer, 0);
            Observe(counts.Bucket, counts.Bucket + 1, longer + left + (stayed / 2.0), left);
            answered?.Invoke(counts.Bucket, Math.Max(0, counts.Answers - had.Answers));
            longer += left + stayed;
            bucket = counts.Bucket;
        }

        Observe(0, bucket, longer, 0);
        return departures;
    }

    /// <summary>Fades by what has passed.</summary>
    public void Fade(TimeSpan elapsed)
    {
        for (var i = 0; i < _present.Length; i++)
        {
            if (_present[i] > 0)
            {
                var fade = Math.Pow(0.5, elapsed.TotalMilliseconds / Math.Max(ShortestFade.TotalMilliseconds, FadesInItsOwnTimes * PatienceBuckets.Start(i)));
                _present[i] *= fade;
                _left[i] *= fade;
            }
        }
    }

    /// <summary>Counts clients present in some buckets, and those that left there.</summary>
    private void Observe(int first, int end, double present, double left)
    {
        for (var i = first; i < end && present > 0; i++)
        {
            _present[i] += present;
            _left[i] += left;
            if (_present[i] > MostPresent)
            {
                _left[i] *= MostPresent / _present[i];
                _present[i] = MostPresent;
            }
        }
    }
}
