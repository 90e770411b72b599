namespace Admission.Grains.Cluster;

/// <summary>Keeps what others can bring about from filling the log: one line, then none for a while.</summary>
internal sealed class LogPause(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long? _last;
    private int _unsaid;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="unsaid">How many were not, since the last one.</param>
    public bool Allows(out int unsaid)
    {
        lock (_gate)
        {
            unsaid = _unsaid;
            if (_last is { } last && time.GetElapsedTime(last) < Pause)
            {
                _unsaid++;
                return false;
            }

            _last = time.GetTimestamp();
            _unsaid = 0;
            return true;
        }
    }
}
