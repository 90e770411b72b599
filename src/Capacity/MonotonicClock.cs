namespace Admission.Capacity;

/// <summary>Instants and durations on one process's monotonic clock, in the units of its <see cref="TimeProvider"/>.</summary>
internal readonly struct MonotonicClock(TimeProvider time)
{
    /// <summary>An instant before every other.</summary>
    public const long Never = long.MinValue;

    /// <summary>An instant after every other.</summary>
    public const long Forever = long.MaxValue;

    public long Now => time.GetTimestamp();

    public long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);

    public TimeSpan Between(long start, long end) => time.GetElapsedTime(start, end);

    /// <summary>The time from now until an instant; zero when it has passed, <see cref="TimeSpan.MaxValue"/> for <see cref="Forever"/>.</summary>
    public TimeSpan Until(long instant)
    {
        if (instant == Forever)
        {
            return TimeSpan.MaxValue;
        }

        var now = Now;
        return instant <= now ? TimeSpan.Zero : Between(now, instant);
    }
}
