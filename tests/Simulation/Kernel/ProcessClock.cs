namespace Admission.Simulation;

/// <summary>A process's monotonic clock: its own origin, and a rate that differs from true time by up to half a percent.</summary>
internal sealed class ProcessClock(Timeline timeline, long origin, double rate) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>For mutants whose clock goes wrong: how fast it goes from now on.</summary>
    public double Rate { get; } = rate;

    public override long GetTimestamp() => origin + (long)(timeline.Now * Rate);

    public override DateTimeOffset GetUtcNow() => throw new NotSupportedException("The wall clock has no place in the state machines.");

    /// <summary>How much true time passes while this clock measures a duration; one tick more, so that it has then passed here.</summary>
    public long TrueTicks(TimeSpan duration) => (long)(duration.Ticks / Rate) + 1;
}

/// <summary>True time, in ticks of 100 ns, which nobody in the simulated world can read.</summary>
internal sealed class Timeline
{
    public const long Millisecond = TimeSpan.TicksPerMillisecond;
    public const long Second = TimeSpan.TicksPerSecond;

    public long Now { get; set; }
}
