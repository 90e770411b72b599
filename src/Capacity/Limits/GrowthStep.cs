namespace Admission.Capacity;

/// <summary>
/// How far a limit steps up: by one slot or 5 %, whichever is more, and twice as far after each step that led to no queue. A step that led to one makes the
/// next smaller, and lets it wait.
/// </summary>
/// <remarks>
/// The doubling is TCP's slow start (V. Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988): it finds 1000 slots from 1 in ten steps, and a
/// capacity that has risen in as few. The waiting is why a limit that has found its place stays there.
/// </remarks>
internal sealed class GrowthStep
{
    /// <summary>The least step, as a share of the limit.</summary>
    public const double Least = 0.05;

    private const double First = 1;
    private const int LongestWait = 2;

    private double _share = First;
    private double _last;
    private int _failures;
    private int _wait;
    private bool _grew;

    /// <summary>The relative size of the next step from a limit: what a window has to be precise enough for.</summary>
    public double Resolution(int limit) => Math.Min(1, Math.Max(_share, 1.0 / Math.Max(1, limit)));

    /// <summary>How much longer than unloaded a permit may be in use after the last step, if that led to no queue: half of what it would take if it led to nothing else.</summary>
    public double Tolerance => _grew ? _share / 2 : 0;

    /// <summary>The step is not the first any more: the way up from the start is over.</summary>
    public bool IsFine => _share < First;

    /// <summary>The last window showed no queue: the limit after the next step, which may have to wait.</summary>
    public double Grow(int limit, bool isClear = true)
    {
        if (_wait > 0)
        {
            _wait--;
            return limit;
        }

        if (_grew && isClear)
        {
            _failures = 0;
            _share = Math.Min(First, 2 * Math.Max(_share, _last));
        }

        _grew = true;
        _last = Math.Max(1.0 / limit, _share);
        return limit * (1 + _last);
    }

    /// <summary>The last window showed a queue.</summary>
    public void Failed()
    {
        _share = Math.Max(Least, _share / 4);
        if (_grew)
        {
            _failures = Math.Min(_failures + 1, LongestWait);
            _wait = _failures;
        }

        _grew = false;
    }

    /// <summary>The last window showed the queue that is wanted.</summary>
    public void Settled()
    {
        _share = Least;
        _grew = false;
    }
}
