namespace Admission.Capacity;

/// <summary>
/// How fast a full backend gives permits back: limit divided by the mean time that a permit is in use (Little's law, J. D. C. Little,
/// "A Proof for the Queuing Formula L = λW", Operations Research 9(3), 1961). The mean is over measured permits of the whole
/// cluster, older ones counting half for every ten seconds of age.
/// </summary>
internal sealed class DrainRate(TimeProvider time)
{
    private static readonly TimeSpan HalfLife = TimeSpan.FromSeconds(10);

    private double _count;
    private double _seconds;
    private long _at;

    /// <summary>The mean time in use; null while nothing has been measured.</summary>
    public TimeSpan? MeanUse => _count < 1e-6 ? null : TimeSpan.FromSeconds(_seconds / _count);

    public void Add(long permits, TimeSpan total)
    {
        if (permits <= 0 || total < TimeSpan.Zero)
        {
            return;
        }

        var now = time.GetTimestamp();
        var decay = Math.Pow(0.5, time.GetElapsedTime(_at, now) / HalfLife);
        _at = now;
        _count = (_count * decay) + permits;
        _seconds = (_seconds * decay) + total.TotalSeconds;
    }

    /// <summary>How long a full backend takes to give so many permits back; null while nothing has been measured.</summary>
    public TimeSpan? TimeFor(long permits, int limit) => MeanUse is { } mean && limit > 0 ? mean * ((double)permits / limit) : null;
}
