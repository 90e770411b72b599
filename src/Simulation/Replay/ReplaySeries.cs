namespace Admission.Simulator;

/// <summary>
/// What happened when, in at most <see cref="Most"/> buckets of equal width. How long a replay lasts is not known before its end: when the buckets are full, neighbours are
/// joined and the width doubles.
/// </summary>
public sealed class ReplaySeries
{
    /// <summary>The most buckets.</summary>
    public const int Most = 480;

    private readonly ReplayBucket[] _buckets = new ReplayBucket[Most];
    private int _used;

    internal ReplaySeries()
    {
    }

    /// <summary>A bucket's width.</summary>
    public TimeSpan Width { get; private set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The buckets, from the beginning.</summary>
    public IReadOnlyList<ReplayBucket> Buckets => new ArraySegment<ReplayBucket>(_buckets, 0, _used);

    /// <summary>Stretches of so many buckets each; the last one may have fewer.</summary>
    /// <param name="buckets">At least 1.</param>
    /// <returns>When each begins, what happened in it, and how many buckets it has.</returns>
    public IEnumerable<(TimeSpan From, ReplayBucket Joined, int Buckets)> Joined(int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 1);
        for (var first = 0; first < _used; first += buckets)
        {
            var joined = _buckets[first];
            var count = Math.Min(buckets, _used - first);
            for (var i = 1; i < count; i++)
            {
                joined = joined.With(_buckets[first + i]);
            }

            yield return (first * Width, joined, count);
        }
    }

    internal ref ReplayBucket At(long ticks)
    {
        while (ticks / Width.Ticks >= Most)
        {
            Join();
        }

        var index = (int)(ticks / Width.Ticks);
        _used = Math.Max(_used, index + 1);
        return ref _buckets[index];
    }

    /// <summary>Permits were in use, and the limit was so high, from one instant to another.</summary>
    internal void AddUse(long from, long to, int inUse, int limit)
    {
        while (from < to)
        {
            ref var bucket = ref At(from);
            var end = Math.Min(to, ((from / Width.Ticks) + 1) * Width.Ticks);
            bucket.InUseTicks += (double)inUse * (end - from);
            bucket.LimitTicks += (double)limit * (end - from);
            bucket.Ticks += end - from;
            from = end;
        }
    }

    private void Join()
    {
        for (var i = 0; i < Most / 2; i++)
        {
            _buckets[i] = _buckets[2 * i].With(_buckets[(2 * i) + 1]);
        }

        Array.Clear(_buckets, Most / 2, Most / 2);
        _used = (_used + 1) / 2;
        Width *= 2;
    }
}
