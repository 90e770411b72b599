namespace Admission.Jobs.Tests.Support;

/// <summary>The real clock, which a test can put forward: the time of day, or the one that only measures.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ticks;
    private long _clockTicks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public void AdvanceClock(TimeSpan by) => Interlocked.Add(ref _clockTicks, by.Ticks);

    public override long GetTimestamp() => base.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _clockTicks)).TotalSeconds * TimestampFrequency);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
