namespace Admission.Capacity;

/// <summary>
/// Where a backend's knee is, how many it serves at once without a queue, from all windows so far and not only from the last one: what chance adds to one window
/// hardly moves it, while a capacity that steps up or down is followed at once.
/// </summary>
/// <remarks>
/// A filter on a grid (a hidden Markov model: L. Rabiner, "A Tutorial on Hidden Markov Models", Proceedings of the IEEE 77(2), 1989). The state is the capacity c, every 2 % from a
/// third of the least limit to twice the highest, once for each slope beyond the knee: with L inside, work takes max(1, L / c) or max(1, L / c)^1.5 times the unloaded time.
/// Before each window every state keeps nine tenths of its probability, and a tenth is spread over all of them, because the capacity may have changed. That tenth is why one window far
/// off, several standard errors, overrules all before it, and why something beyond the highest limit tried becomes likely again after some windows without a queue.
/// </remarks>
internal sealed class KneeFilter
{
    /// <summary>How likely it is that the capacity changes from one window to the next.</summary>
    private const double Change = 0.1;

    private const double LogStep = 0.02;

    /// <summary>How far a real server is from these curves: no window says more than to 1 %.</summary>
    private const double Misfit = 0.01;

    /// <summary>Squared errors beyond this one are as good as impossible, and the exponential does not vanish.</summary>
    private const double MostMisfit = 600;

    private static readonly double[] Slopes = [1, 1.5];

    private readonly double _first;
    private readonly int _points;
    private readonly double[] _probability;

    /// <summary>A filter that knows nothing.</summary>
    /// <param name="least">The least limit that is allowed.</param>
    /// <param name="most">The highest.</param>
    public KneeFilter(int least, int most)
    {
        _first = Math.Log(least / 3.0);
        _points = (int)Math.Ceiling((Math.Log(2.0 * most) - _first) / LogStep) + 1;
        _probability = new double[_points * Slopes.Length];
        Array.Fill(_probability, 1.0 / _probability.Length);
    }

    /// <summary>Learns from a window.</summary>
    /// <param name="inside">How many were inside the backend: the limit, where it was used.</param>
    /// <param name="slowdown">How many times the unloaded time a permit was in use; more than 0.</param>
    /// <param name="error">The relative standard error of that.</param>
    public void Learn(double inside, double slowdown, double error)
    {
        var (logInside, logSlowdown) = (Math.Log(inside), Math.Log(slowdown));
        var precision = 1 / (2 * ((error * error) + (Misfit * Misfit)));
        var anew = Change / _probability.Length;
        double sum = 0;
        for (var state = 0; state < _probability.Length; state++)
        {
            var off = logSlowdown - LogSlowdown(state, logInside);
            var likelihood = Math.Exp(-Math.Min(MostMisfit, off * off * precision));
            sum += _probability[state] = (((1 - Change) * _probability[state]) + anew) * likelihood;
        }

        for (var state = 0; state < _probability.Length; state++)
        {
            _probability[state] /= sum;
        }
    }

    /// <summary>The slowdown with so many inside, by all that was learned, and its relative standard error.</summary>
    public (double Slowdown, double Error) At(double inside)
    {
        var logInside = Math.Log(inside);
        double mean = 0, squares = 0;
        for (var state = 0; state < _probability.Length; state++)
        {
            var log = LogSlowdown(state, logInside);
            mean += _probability[state] * log;
            squares += _probability[state] * log * log;
        }

        return (Math.Exp(mean), Math.Sqrt(Math.Max(0, squares - (mean * mean))));
    }

    private double LogSlowdown(int state, double logInside) =>
        Slopes[state / _points] * Math.Max(0, logInside - (_first + (state % _points * LogStep)));
}
