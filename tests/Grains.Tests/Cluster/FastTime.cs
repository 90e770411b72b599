namespace Admission.Grains.Tests.Cluster;

/// <summary>A clock whose timers are fifty times as fast.</summary>
internal sealed class FastTime : TimeProvider
{
    private const int Factor = 50;

    public override long GetTimestamp() => System.GetTimestamp() * Factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime / Factor, period);
}
