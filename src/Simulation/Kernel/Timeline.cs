namespace Admission.Simulator;

/// <summary>True time, in ticks of 100 ns, which nobody in the simulated world can read.</summary>
public sealed class Timeline
{
    /// <summary>Ticks of a millisecond.</summary>
    public const long Millisecond = TimeSpan.TicksPerMillisecond;

    /// <summary>Ticks of a second.</summary>
    public const long Second = TimeSpan.TicksPerSecond;

    /// <summary>The present instant.</summary>
    public long Now { get; set; }
}
