namespace Admission.Frontend.Tests.Support;

/// <summary>
/// The system's time, and the stalls on top: after one the clock is later, and no timer has fired for it. So it is for the first thread that runs after the process was stopped.
/// </summary>
internal sealed class StallingTime : TimeProvider
{
    private long _stalled;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _stalled);

    public void Stall(TimeSpan time) => Interlocked.Add(ref _stalled, (long)(time.TotalSeconds * TimestampFrequency));
}
