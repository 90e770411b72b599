namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>Time that a test moves on by a jump, as it looks to a process that was stopped meanwhile.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _jumped;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _jumped);

    public void Jump(TimeSpan by) => Interlocked.Add(ref _jumped, (long)(by.TotalSeconds * TimestampFrequency));
}
