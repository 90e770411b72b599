namespace Admission.Capacity;

/// <summary>
/// Finds a backend's limit between the policy's bounds from what all holders report. Pure: totals in, a limit out; the time is given.
/// </summary>
/// <remarks>
/// <para>
/// It works in windows. After a change of the limit twice as much work as the limit must finish before anything counts, because what was in the backend still shows
/// the old one, and short work ends first. Then a window is as long as its question needs: until the standard error of the mean time in use is a third of the relative size
/// of the step in question, or the answer is obvious. So 4 slots, where a step is a quarter, need 144 samples of a server with exponential times, and 1000 slots, whose
/// steps are small, 2,500.
/// </para>
/// <para>
/// A window is measured by time and samples. How often holders report makes no difference: of a report that began before the window only that part counts by which it is in it, and how
/// many permits are in use is what the ledger has booked, averaged over the window's time.
/// </para>
/// <para>
/// A law is not given what the last window measured but what <see cref="KneeFilter"/> makes of all of them: with exponential times and a few hundred samples one window in ten is
/// a tenth longer by chance, which is as much as a step.
/// </para>
/// <para>
/// The limit does not grow while it is not used: a window in which no ticket had to wait, and none was refused, says nothing of a higher one. It falls only where half of it
/// was in use, and the backend was slow.
/// </para>
/// </remarks>
internal sealed class LimitFinder
{
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(2);

    private const int LeastSamples = 8;

    /// <summary>An unloaded time with a greater relative error is as good as unknown.</summary>
    private const double LeastKnown = 0.2;

    /// <summary>While it is unknown how long a queue is, a window is precise to so much before the limit is lowered further.</summary>
    private const double FineError = 0.08;

    /// <summary>No window is asked to be more precise: it would last until the backend has changed.</summary>
    private const double LeastError = 0.02;

    /// <summary>Every window is at least so precise, even where a step doubles the limit: what the first ones, of the lowest limits, say of the unloaded time is all that is known of it for a while.</summary>
    private const double MostError = 0.12;

    /// <summary>In seconds: a coarse clock may say that work took no time at all.</summary>
    private const double LeastTime = 1e-6;

    /// <summary>A time so many standard errors from the unloaded one needs no more samples.</summary>
    private const double Obvious = 4;

    /// <summary>A shorter time than the unloaded one, by so many standard errors, is taken for one. Any shorter one would be, one window in two, by chance alone.</summary>
    private const double Clear = 2;

    /// <summary>So many times the unloaded time are too long even where the limit was not reached.</summary>
    private const double Slow = 1.25;

    private readonly MonotonicClock _clock;
    private readonly ILimitLaw _law;
    private readonly GrowthStep _growth = new();
    private readonly UnloadedTime _unloaded = new();
    private readonly KneeFilter _knee;
    private readonly int _least;
    private readonly int _most;
    private double _wish;
    private double _variance = 1;
    private double _varianceWeight;
    private double _toSettle;
    private long _windowStart;
    private long _usedAt;
    private int _inUse;
    private double _useTicks;
    private bool _reached;
    private WorkSum _sum;

    public LimitFinder(AdaptiveLimit settings, int most, in MonotonicClock clock, LearnedLimit? learned = null)
    {
        Settings = settings;
        _clock = clock;
        _most = Math.Max(1, most);
        _least = Math.Min(settings.Min, _most);
        _law = settings.Algorithm switch
        {
            LimitAlgorithm.Aimd => new AimdLaw(),
            LimitAlgorithm.Vegas => new VegasLaw(),
            _ => new Gradient2Law(),
        };
        _knee = new KneeFilter(_least, _most);
        _windowStart = _usedAt = clock.Now;
        _wish = Math.Clamp(learned?.Limit ?? settings.Initial ?? _least, _least, _most);
        _toSettle = 2 * Limit;
        if (learned is { UnloadedTime.Ticks: > 0, UnloadedError: < LeastKnown })
        {
            _unloaded.Restore(learned.UnloadedTime.TotalSeconds, learned.UnloadedError);
        }
    }

    public AdaptiveLimit Settings { get; }

    /// <summary>The most that it may find.</summary>
    public int Most => _most;

    /// <summary>The limit to hold now.</summary>
    public int Limit => (int)Math.Round(_wish, MidpointRounding.AwayFromZero);

    /// <summary>What a successor needs to go on from here.</summary>
    public LearnedLimit Learned => new(Limit, TimeSpan.FromSeconds(_unloaded.Seconds), _unloaded.Error);

    /// <summary>How long a permit is in use when the backend has no queue; null while that is not known.</summary>
    public TimeSpan? UnloadedTime => _unloaded.Error < LeastKnown ? TimeSpan.FromSeconds(_unloaded.Seconds) : null;

    /// <summary>A request had to wait for a permit, or was refused for want of one.</summary>
    public void Reached() => _reached = true;

    /// <summary>So many permits are in use from now on, as far as is known.</summary>
    public void InUse(int permits)
    {
        Pass(_clock.Now);
        _inUse = permits;
    }

    /// <summary>Adds what a holder has finished since its last report, and ends the window if it says enough.</summary>
    /// <param name="work">What it has finished.</param>
    /// <param name="since">When its last report came. Of work from before the window, or before the limit was changed, only the part counts that is not.</param>
    /// <returns>Whether the limit has changed.</returns>
    public bool Add(in WorkSum work, long since)
    {
        var now = _clock.Now;
        var fresh = now > since ? (double)(now - Math.Max(since, _windowStart)) / (now - since) : 1;
        if (_toSettle > 0)
        {
            _toSettle -= work.Completed * fresh;
            if (_toSettle <= 0)
            {
                Begin(now);
            }

            return false;
        }

        _sum += work * fresh;
        return IsEnough(now) && End(now);
    }

    private bool IsEnough(long now)
    {
        var elapsed = now - _windowStart;
        if (elapsed < _clock.Ticks(ShortestWindow) || _sum.Sampled + _sum.Overloaded < LeastSamples)
        {
            return false;
        }

        if (_sum.Sampled < LeastSamples)
        {
            return true;
        }

        var error = Math.Sqrt(Variance() / _sum.Sampled);
        var needed = !_reached ? LeastError : _growth.IsFine && _unloaded.Error > LeastKnown ? FineError : Math.Max(LeastError, Math.Min(MostError, _growth.Resolution(Limit) / 3));
        if (error <= needed || elapsed >= _clock.Ticks(LongestWindow))
        {
            return true;
        }

        return _unloaded.IsKnown && Math.Abs((_sum.Mean / _unloaded.Seconds) - 1) > Obvious * (error + _unloaded.Error);
    }

    /// <summary>The squared coefficient of variation of one time: of this window and those before.</summary>
    private double Variance()
    {
        var weight = _varianceWeight + _sum.Sampled;
        return Math.Max(0.01, ((_variance * _varianceWeight) + (_sum.SquaredVariation * _sum.Sampled)) / weight);
    }

    private bool End(long now)
    {
        var before = Limit;
        Pass(now);
        var inUse = _useTicks / Math.Max(1, now - _windowStart);
        var used = _reached && inUse >= before / 2.0;
        if (_sum.Sampled >= LeastSamples)
        {
            _variance = Variance();
            _varianceWeight = Math.Min(400, _varianceWeight + _sum.Sampled);
            var error = Math.Sqrt(_variance / _sum.Sampled);
            var time = Math.Max(LeastTime, _sum.Mean);
            _growth.SecondIsKnownTo(Math.Sqrt(_variance / (_sum.Sampled / _clock.Between(_windowStart, now).TotalSeconds)));
            if (used)
            {
                // Where the clients are too few for the limit, they are what is inside.
                var inside = inUse > 0.9 * before ? before : Math.Max(_least, inUse);
                if (!_unloaded.Learn(inside, _least, time, error))
                {
                    _toSettle = 2 * before;
                    Begin(now);
                    return false;
                }

                _knee.Learn(inside, time / _unloaded.Seconds, Math.Sqrt((error * error) + (_unloaded.Error * _unloaded.Error)));
                var (slowdown, doubt) = _knee.At(inside);
                _wish = _law.Next(
                    new LimitWindow
                    {
                        Limit = before, Time = _unloaded.Seconds * slowdown, Unloaded = _unloaded.Seconds, Error = doubt, Overloaded = _sum.OverloadedShare,
                    },
                    _growth);
            }
            else if (inUse > 0 && time < _unloaded.Seconds * (1 - (Clear * error)))
            {
                _unloaded.Learn(Math.Max(_least, inUse), _least, time, error);
            }
            else if (inUse >= before / 2.0 && _sum.Mean > _unloaded.Seconds * (Slow + (2 * error)))
            {
                Lower((int)Math.Ceiling(inUse), error);
            }
        }
        else
        {
            _wish = before / 2.0;
        }

        _wish = Math.Clamp(_wish, _least, _most);
        var changed = Limit != before;
        _toSettle = changed ? 2 * Math.Max(before, Limit) : 0;
        Begin(now);
        return changed;
    }

    /// <summary>The limit was not reached, but the backend is slow with fewer inside: it is lowered as one that was, to where they are.</summary>
    private void Lower(int inUse, double error)
    {
        var limit = Math.Clamp(inUse, _least, Limit);
        if (_unloaded.IsKnown && _unloaded.Learn(limit, _least, _sum.Mean, error))
        {
            var window = new LimitWindow
            {
                Limit = limit, Time = _sum.Mean, Unloaded = _unloaded.Seconds, Error = error, Overloaded = _sum.OverloadedShare,
            };
            _wish = Math.Min(_wish, _law.Next(window, _growth));
        }
    }

    private void Pass(long now)
    {
        _useTicks += (double)_inUse * (now - _usedAt);
        _usedAt = now;
    }

    private void Begin(long now)
    {
        _windowStart = now;
        _usedAt = now;
        _useTicks = 0;
        _reached = false;
        _sum = default;
    }
}
