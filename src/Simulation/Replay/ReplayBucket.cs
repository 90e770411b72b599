using System.Runtime.InteropServices;

namespace Admission.Simulator;

/// <summary>One stretch of time of a replay.</summary>
[StructLayout(LayoutKind.Auto)]
public struct ReplayBucket
{
    /// <summary>Requests that were admitted in it.</summary>
    public long Admitted { get; internal set; }

    /// <summary>Requests that were refused in it.</summary>
    public long Refused { get; internal set; }

    /// <summary>Clients that left in it, while they waited.</summary>
    public long Left { get; internal set; }

    /// <summary>The longest wait of those admitted.</summary>
    public TimeSpan LongestWait { get; internal set; }

    /// <summary>The mean wait of those admitted.</summary>
    public readonly TimeSpan MeanWait => Admitted == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(WaitTicks / Admitted));

    /// <summary>Permits in use, on average.</summary>
    public readonly double InUse => Ticks == 0 ? 0 : InUseTicks / Ticks;

    /// <summary>How long the permits of those that ended in it were in use, on average.</summary>
    public readonly TimeSpan MeanRun => Ended == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(RunTicks / Ended));

    /// <summary>The limit, on average.</summary>
    public readonly double Limit => Ticks == 0 ? 0 : LimitTicks / Ticks;

    internal long Ended { get; set; }

    internal double RunTicks { get; set; }

    internal double WaitTicks { get; set; }

    internal double InUseTicks { get; set; }

    internal double LimitTicks { get; set; }

    internal double Ticks { get; set; }

    internal readonly ReplayBucket With(in ReplayBucket next) => new()
    {
        Admitted = Admitted + next.Admitted,
        Refused = Refused + next.Refused,
        Left = Left + next.Left,
        LongestWait = LongestWait > next.LongestWait ? LongestWait : next.LongestWait,
        Ended = Ended + next.Ended,
        RunTicks = RunTicks + next.RunTicks,
        WaitTicks = WaitTicks + next.WaitTicks,
        InUseTicks = InUseTicks + next.InUseTicks,
        LimitTicks = LimitTicks + next.LimitTicks,
        Ticks = Ticks + next.Ticks,
    };
}
