namespace Admission.Simulator;

/// <summary>A process's monotonic clock: its own origin, and a rate that differs from true time by up to half a percent.</summary>
/// <param name="timeline">True time.</param>
/// <param name="origin">What the clock shows when true time is 0.</param>
/// <param name="rate">How fast it goes; 1 is right.</param>
public sealed class ProcessClock(Timeline timeline, long origin, double rate) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How fast it goes.</summary>
    public double Rate { get; } = rate;

    /// <inheritdoc/>
    public override long GetTimestamp() => origin + (long)(timeline.Now * Rate);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => throw new NotSupportedException("The wall clock has no place in the state machines.");

    /// <summary>How much true time passes while this clock measures a duration; one tick more, so that it has then passed here.</summary>
    /// <param name="duration">What this clock measures.</param>
    public long TrueTicks(TimeSpan duration) => (long)(duration.Ticks / Rate) + 1;
}
