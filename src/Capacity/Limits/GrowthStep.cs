namespace Admission.Capacity;

/// <summary>
/// How far a limit steps up: by one slot, or by 5 to 25 % so that a second shows whether there is room, whichever is more; and twice as far after each step that led to no queue. A step that
/// led to one makes the next smaller, and lets it wait.
/// </summary>
/// <remarks>
/// The doubling is TCP's slow start (V. Jacobson, "Congestion Avoidance and Control", SIGCOMM 1988): it finds 1000 slots from 1 in ten steps, and a
/// capacity that has risen in as few. The waiting is why a limit that has found its place stays there.
/// </remarks>
internal sealed class GrowthStep
{
    private const double SmallestLeast = 0.05;
    private const double LargestLeast = 0.25;

    /// <summary>A step of so many standard errors of what a second shows is seen in it.</summary>
    private const double Seen = 3;

    private const double First = 1;
    private const int LongestWait = 3;

    private double _share = First;
    private double _last;
    private int _failures;
    private int _wait;
    private bool _grew;
    private int _settled;
    private double _least = SmallestLeast;

    /// <summary>Takes note of how precise a second is, so that no step is too small to be seen soon: where 8 slots do 160 a second, 5 % would be looked for in vain for seconds, and found by chance.</summary>
    /// <param name="error">The relative standard error of the mean time in use over one second.</param>
    public void SecondIsKnownTo(double error) => _least = Math.Clamp(Seen * error, SmallestLeast, LargestLeast);

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
        _share = Math.Max(_least, _share / 4);
        if (_grew)
        {
            _failures = Math.Min(_failures + 1, LongestWait);
            _wait = _failures;
        }

        _grew = false;
    }

    /// <summary>The last window showed the queue that is wanted: the limit stays, but for a step up now and then, because a queue that is not there looks the same where the unloaded time is taken for too short.</summary>
    public double Settled(int limit)
    {
        _share = _least;
        _grew = false;
        if (++_settled <= LongestWait)
        {
            return limit;
        }

        _settled = 0;
        return Grow(limit);
    }
}
