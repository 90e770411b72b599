using System.Runtime.InteropServices;

namespace Admission.Capacity;

/// <summary>
/// How long a permit is in use when the backend has no queue: learned from windows under different limits, and never by refusing anything only to measure it.
/// </summary>
/// <remarks>
/// <para>
/// By Little's law the time in use is T = S x max(1, L / c) at a backend that serves c at once, each in S, and has L inside. Neither S nor c is known. For each
/// c that is possible, from the least limit up to "more than was tried", the S that fits the recent windows best is known, and how well it fits; that
/// is a distribution of S (Bayes' rule, a uniform prior over ln c), and its median is the estimate, or its lower fifth once that is well known. So windows whose time did not depend on the limit confirm S, windows in proportion
/// to their limits say that S is lower than anything measured, and the limits go down until it is found, but not further.
/// </para>
/// <para>
/// What was learned before is the prior, which is believed to nine tenths: a time that suddenly is four times as long under the same limit means a
/// quarter of the capacity, until a lower limit has not made it shorter; then it means that the work itself takes longer. Windows that no S and c can explain together
/// come from before and after a change, and none of them is kept.
/// </para>
/// </remarks>
internal sealed class UnloadedTime
{
    private const int MostWindows = 16;

    /// <summary>How far the two straight lines are from any real server: no window says more than to 1.5 %.</summary>
    private const double Misfit = 0.015;

    /// <summary>What was learned before counts as known to 1 % at best: more doubt would let it drift with a limit that stays above the knee, where nothing is learned of S.</summary>
    private const double PriorError = 0.01;

    /// <summary>
    /// A well-known estimate is that below which so much of the distribution is, and not the median. A lower one than the true S puts itself right, because the limit then falls below the knee, where S shows; a
    /// higher one would keep the limit above the knee.
    /// </summary>
    private const double Caution = 0.2;

    private const double PriorBelief = 0.9;

    /// <summary>A new unloaded time is looked for within a factor of ten.</summary>
    private const double LogRange = 2.3;

    /// <summary>Windows that fit worse, in squared standard errors, come from before and after a change.</summary>
    private const double WorstFit = 20;

    /// <summary>Beyond its capacity a server is slower in proportion, or worse; and how likely that is.</summary>
    private static readonly (double Slope, double Belief)[] Slopes = [(1, 0.6), (1.5, 0.25), (2, 0.15)];

    /// <summary>An estimate with a smaller error is well known, and one at such a logarithmic distance is near to it.</summary>
    private const double WellKnown = 0.2;
    private const double Near = 0.12;

    /// <summary>A well-known estimate stays while its neighbourhood is at least so likely.</summary>
    private const double LeastDoubt = 0.1;

    private const double LogStep = 0.04;
    private const int MostSteps = 150;

    private readonly List<Observation> _windows = new(MostWindows);
    private readonly List<(double LogSeconds, double Probability)> _posterior = [];
    private double _logSeconds;
    private double _error = 1;
    private double _priorLog;
    private double _priorError;
    private bool _hasPrior;

    /// <summary>Whether anything is known.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The estimate, in seconds.</summary>
    public double Seconds => IsKnown ? Math.Exp(_logSeconds) : 0;

    /// <summary>Its relative standard error.</summary>
    public double Error => _error;

    /// <summary>Takes over what was learned before.</summary>
    public void Restore(double seconds, double error)
    {
        _logSeconds = _priorLog = Math.Log(seconds);
        _error = _priorError = Math.Max(PriorError, error);
        _hasPrior = IsKnown = true;
    }

    /// <summary>Learns from a window.</summary>
    /// <param name="inside">How many were inside the backend: the limit, where it was used.</param>
    /// <param name="least">The least limit that is allowed.</param>
    /// <param name="seconds">The mean time in use.</param>
    /// <param name="error">Its relative standard error.</param>
    /// <returns>
    /// False if it fits to nothing before: the backend has changed, perhaps in the middle of the window, so that it says nothing, and neither do those before. Only
    /// the unloaded time is kept.
    /// </returns>
    public bool Learn(double inside, int least, double seconds, double error)
    {
        if (_windows.Count == MostWindows)
        {
            Remember();
            _windows.RemoveRange(0, MostWindows / 2);
        }

        _windows.Add(new Observation(Math.Log(inside), Math.Log(seconds), 1 / ((error * error) + (Misfit * Misfit))));
        if (Fit(Math.Log(Math.Min(least, inside))) <= WorstFit + _windows.Count || _windows.Count == 1)
        {
            IsKnown = true;
            return true;
        }

        _windows.RemoveAt(_windows.Count - 1);
        Fit(Math.Log(Math.Min(least, inside)));
        if (_windows.Count >= 3)
        {
            Remember();
        }

        _windows.Clear();
        return false;
    }

    private void Remember()
    {
        if (!_hasPrior || _error < 0.2)
        {
            _priorLog = _logSeconds;
            _priorError = Math.Max(PriorError, _error);
            _hasPrior = true;
        }
    }

    /// <summary>Finds the distribution of S, and the estimate.</summary>
    /// <returns>The least sum of squared errors, in standard errors, that any S and c leave.</returns>
    private double Fit(double logLeast)
    {
        var windows = CollectionsMarshal.AsSpan(_windows);
        var most = double.MinValue;
        foreach (ref readonly var window in windows)
        {
            most = Math.Max(most, window.LogInside);
        }

        var span = Math.Max(0, most - logLeast);
        var step = Math.Max(LogStep, span / MostSteps);
        _posterior.Clear();
        var best = double.MaxValue;
        for (var logCapacity = logLeast; logCapacity < most - (step / 2); logCapacity += step)
        {
            foreach (var (slope, belief) in Slopes)
            {
                best = Math.Min(best, Weigh(windows, logCapacity, slope, belief * step));
            }
        }

        // More capacity than was tried is as likely as all the rest, and half as much again.
        best = Math.Min(best, Weigh(windows, most, 1, Math.Max(1, 1.5 * span)));
        TakeEstimate();
        return best;
    }

    /// <summary>Notes how likely a capacity is, and which S it means.</summary>
    private double Weigh(ReadOnlySpan<Observation> windows, double logCapacity, double slope, double share)
    {
        double weight = 0, sum = 0, squares = 0;
        foreach (ref readonly var window in windows)
        {
            var log = window.LogSeconds - (slope * Math.Max(0, window.LogInside - logCapacity));
            weight += window.Weight;
            sum += window.Weight * log;
            squares += window.Weight * log * log;
        }

        var mean = sum / weight;
        var misfit = Math.Max(0, squares - (sum * mean));
        var anew = Math.Log(share / LogRange) + (0.5 * Math.Log(2 * Math.PI / weight)) - (misfit / 2);
        if (!_hasPrior)
        {
            _posterior.Add((mean, anew));
            return misfit;
        }

        _posterior.Add((mean, anew + Math.Log(1 - PriorBelief)));
        var priorWeight = 1 / (_priorError * _priorError);
        var off = mean - _priorLog;
        var strain = off * off * weight * priorWeight / (weight + priorWeight);
        var known = Math.Log(PriorBelief * share) + (0.5 * Math.Log(priorWeight / (priorWeight + weight))) - ((misfit + strain) / 2);
        _posterior.Add((_priorLog + (off * weight / (weight + priorWeight)), known));
        return misfit;
    }

    private void TakeEstimate()
    {
        _posterior.Sort(static (one, other) => one.LogSeconds.CompareTo(other.LogSeconds));
        var top = double.MinValue;
        foreach (var (_, probability) in _posterior)
        {
            top = Math.Max(top, probability);
        }

        // What was well known is left only for what is a good deal more likely: chance makes every window a little longer or shorter.
        var (all, near) = (Sum(double.PositiveInfinity, top), Sum(Near, top));
        var within = _error < WellKnown && near >= LeastDoubt * all ? Near : double.PositiveInfinity;
        var total = double.IsPositiveInfinity(within) ? all : near;
        var center = _logSeconds;
        double below = 0;
        double? low = null;
        double? cautious = null;
        double? median = null;
        double weight = _hasPrior ? 1 / (_priorError * _priorError) : 0;
        foreach (ref readonly var window in CollectionsMarshal.AsSpan(_windows))
        {
            weight += window.Weight;
        }

        foreach (var (log, probability) in _posterior)
        {
            below += Math.Abs(log - center) <= within ? Math.Exp(probability - top) / total : 0;
            low ??= below >= 0.16 ? log : null;
            cautious ??= below >= Caution ? log : null;
            median ??= below >= 0.5 ? log : null;
            if (below >= 0.84)
            {
                _error = Math.Max((log - low!.Value) / 2, 1 / Math.Sqrt(weight));
                _logSeconds = (_error < WellKnown ? cautious : median)!.Value;
                return;
            }
        }
    }

    /// <summary>How likely it is that S is so near to the present estimate.</summary>
    private double Sum(double within, double top)
    {
        double sum = 0;
        foreach (var (log, probability) in _posterior)
        {
            sum += Math.Abs(log - _logSeconds) <= within ? Math.Exp(probability - top) : 0;
        }

        return sum;
    }

    private readonly record struct Observation(double LogInside, double LogSeconds, double Weight);
}
