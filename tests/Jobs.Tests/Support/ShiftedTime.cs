namespace Admission.Jobs.Tests.Support;

/// <summary>The real clock, which a test can put forward.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ticks;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
