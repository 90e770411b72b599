namespace Admission.Capacity;

/// <summary>
/// The offered load of one holder: the permits that it has in use on average, by Little's law (J. D. C. Little, Operations Research 9(3), 1961) from the work that its reports count:
/// permits given back a second x seconds each. Older work counts half for every ten seconds of age.
/// </summary>
/// <remarks>
/// A pool's demand is its peak of some seconds. That is quick, but chance moves it by as much as the load itself varies, and it grows with the time between two reports: pools that run short, and
/// so report often, seem to need less than those that have enough. The mean has neither fault, but is slow. So the mean counts, within what the peak leaves possible.
/// </remarks>
internal sealed class HolderLoad
{
    /// <summary>Unless the load has just grown its peak lies at most so many standard deviations above the mean; with arrivals at random one is the root of the mean.</summary>
    private const double HighestPeak = 4;

    private const double HalfLifeSeconds = 10;

    /// <summary>Loads are rounded to this, so that sums of a hundred thousand of them stay exact however often one is taken out and put in again.</summary>
    private const double Grain = 1.0 / (1 << 16);

    private double _seconds;
    private double _completed;
    private double _sampled;
    private double _sampledSeconds;

    /// <summary>The load, in permits; 0 to the demand of the newest report.</summary>
    public double Mean { get; private set; }

    /// <summary>Its standard deviation where arrivals come at random.</summary>
    public double Spread { get; private set; }

    /// <summary>Notes what was done between two reports. Totals that have shrunk are those of another counter, and say nothing.</summary>
    public void Add(in WorkTotals former, in WorkTotals work, TimeSpan between)
    {
        if (between <= TimeSpan.Zero || work.Completed < former.Completed || work.Sampled < former.Sampled || work.SampledTime < former.SampledTime)
        {
            return;
        }

        var decay = Math.Pow(0.5, between.TotalSeconds / HalfLifeSeconds);
        _seconds = (_seconds * decay) + between.TotalSeconds;
        _completed = (_completed * decay) + (work.Completed - former.Completed);
        _sampled = (_sampled * decay) + (work.Sampled - former.Sampled);
        _sampledSeconds = (_sampledSeconds * decay) + (work.SampledTime - former.SampledTime).TotalSeconds;
    }

    /// <summary>Finds the load anew.</summary>
    /// <param name="demand">The recent peak in use and waiting. It bounds the load from above, and tells first of one that has just grown.</param>
    public void Find(int demand)
    {
        var measured = _seconds <= 0 || _sampled <= 0 ? 0 : _completed / _seconds * (_sampledSeconds / _sampled);

        // The mean m whose highest peak, m + 4 sqrt(m), is the demand.
        var least = (Math.Sqrt((HighestPeak * HighestPeak) + (4.0 * demand)) - HighestPeak) / 2;
        Mean = Rounded(Math.Clamp(measured, least * least, demand));
        Spread = Rounded(Math.Sqrt(Mean));
    }

    private static double Rounded(double value) => Math.Round(value / Grain) * Grain;
}
