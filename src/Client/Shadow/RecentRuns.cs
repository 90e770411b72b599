namespace Admission.Client;

/// <summary>
/// How long the last 64 requests ran, which stands for those that never did: each draw takes the next one in turn, so that many draws have the mean and the spread of what was measured.
/// </summary>
internal sealed class RecentRuns
{
    private readonly TimeSpan[] _runs = new TimeSpan[64];
    private int _count;
    private int _next;
    private int _drawn;

    public void Add(TimeSpan run)
    {
        _runs[_next] = run;
        _next = (_next + 1) % _runs.Length;
        _count = Math.Min(_count + 1, _runs.Length);
    }

    /// <summary>The run of one of them; null while none has run.</summary>
    public TimeSpan? Draw()
    {
        if (_count == 0)
        {
            return null;
        }

        _drawn = (_drawn + 1) % _count;
        return _runs[_drawn];
    }
}
