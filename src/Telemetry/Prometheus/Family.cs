using System.Diagnostics.Metrics;
using Attribute = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Admission.Telemetry.Prometheus;

/// <summary>One instrument with its rows.</summary>
/// <remarks>
/// Measurements come from any thread, and the rows are read by a scrape: one lock guards them. At most <see cref="MostSeries"/> rows; what has further sets of attributes is counted together in one row
/// that says so, as OpenTelemetry does.
/// </remarks>
internal sealed class Family
{
    /// <summary>Rows that one instrument has at most.</summary>
    public const int MostSeries = 20_000;

    private const string Overflow = "otel_metric_overflow=\"true\"";

    // OpenTelemetry's default bounds, for instruments that advise none.
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly Lock _gate = new();
    private readonly Dictionary<Attribute[], Series> _byAttributes = new(AttributeSet.Comparer);
    private readonly Dictionary<Attribute[], Series>.AlternateLookup<ReadOnlySpan<Attribute>> _lookup;
    private readonly SortedDictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private readonly bool _isObservable;
    private readonly bool _adds;
    private readonly int _mostSeries;
    private long _collection;

    /// <summary>Begins with no rows.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="mostSeries">Rows at most.</param>
    public Family(Instrument instrument, int mostSeries = MostSeries)
    {
        Kind = PrometheusName.KindOf(instrument);
        (Name, Unit) = PrometheusName.Of(instrument.Name, instrument.Unit, Kind);
        Help = instrument.Description ?? "";
        Bounds = Kind != FamilyKind.Histogram ? [] : BoundsOf(instrument) ?? DefaultBounds;
        _isObservable = instrument.IsObservable;

        // A gauge says what is; an UpDownCounter says what has changed.
        _adds = !_isObservable && instrument.GetType().GetGenericTypeDefinition() != typeof(Gauge<>);
        _mostSeries = mostSeries;
        _lookup = _byAttributes.GetAlternateLookup<ReadOnlySpan<Attribute>>();
    }

    public string Name { get; }

    public string Unit { get; }

    public string Help { get; }

    public FamilyKind Kind { get; }

    /// <summary>The upper bounds of a histogram's buckets, but for the last.</summary>
    public double[] Bounds { get; }

    /// <summary>Takes a measurement.</summary>
    public void Take(double value, ReadOnlySpan<Attribute> attributes)
    {
        lock (_gate)
        {
            var series = Find(attributes);
            if (Kind == FamilyKind.Histogram)
            {
                series.Value += value;
                series.Counts[Bucket(value)]++;
            }
            else if (_adds || (series.SeenIn == _collection && _isObservable))
            {
                // An observable instrument that tells two values for what is one row here means their sum.
                series.Value += value;
            }
            else
            {
                series.Value = value;
            }

            series.SeenIn = _collection;
        }
    }

    /// <summary>Begins a collection: observable instruments tell their values anew.</summary>
    public void BeginCollection()
    {
        lock (_gate)
        {
            _collection++;
        }
    }

    /// <summary>Reads all rows, in the order of their labels. What an observable instrument did not tell in this collection is gone.</summary>
    public void Read(Action<Series> row)
    {
        lock (_gate)
        {
            if (_isObservable)
            {
                foreach (var (attributes, _) in _byAttributes.Where(entry => entry.Value.SeenIn < _collection).ToArray())
                {
                    _byAttributes.Remove(attributes);
                }

                foreach (var (labels, _) in _byLabels.Where(entry => entry.Value.SeenIn < _collection).ToArray())
                {
                    _byLabels.Remove(labels);
                }
            }

            foreach (var series in _byLabels.Values)
            {
                row(series);
            }
        }
    }

    private static double[]? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => null,
    };

    private Series Find(ReadOnlySpan<Attribute> attributes)
    {
        if (_lookup.TryGetValue(attributes, out var series))
        {
            return series;
        }

        // The same attributes in another order are the same row.
        var isFull = _byAttributes.Count >= _mostSeries;
        var labels = isFull ? Overflow : AttributeSet.ToLabels(attributes);
        if (!_byLabels.TryGetValue(labels, out series))
        {
            _byLabels[labels] = series = new Series(labels, Bounds.Length) { SeenIn = -1 };
        }

        if (!isFull)
        {
            _byAttributes[attributes.ToArray()] = series;
        }

        return series;
    }

    private int Bucket(double value)
    {
        var found = Array.BinarySearch(Bounds, value);
        return found >= 0 ? found : ~found;
    }
}
