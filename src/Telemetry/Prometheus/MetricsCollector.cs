using System.Diagnostics.Metrics;
using System.Text;

namespace Admission.Telemetry.Prometheus;

/// <summary>Listens to the meters of this host and shows them as Prometheus wants.</summary>
/// <remarks>One collection at a time. Instruments of another host in this process are not this one's: those of a meter factory belong to it, those of nobody to all.</remarks>
internal sealed class MetricsCollector : IDisposable
{
    private const string Own = "Admission.";

    private readonly IMeterFactory _factory;
    private readonly HashSet<string> _more;
    private readonly KeyValuePair<string, object?>[] _target;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<Family> _families = [];
    private readonly MeterListener _listener = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="factory">The host's meters.</param>
    /// <param name="more">Meters beside Admission's own.</param>
    /// <param name="target">What describes the process.</param>
    public MetricsCollector(IMeterFactory factory, IEnumerable<string> more, params KeyValuePair<string, object?>[] target)
    {
        _factory = factory;
        _more = new HashSet<string>(more, StringComparer.OrdinalIgnoreCase);
        _target = target;
        _listener.InstrumentPublished = OnPublished;
        _listener.MeasurementsCompleted = (_, state) => OnCompleted(state);
        _listener.SetMeasurementEventCallback<byte>(static (_, value, attributes, state) => Take(state, value, attributes));
        _listener.SetMeasurementEventCallback<short>(static (_, value, attributes, state) => Take(state, value, attributes));
        _listener.SetMeasurementEventCallback<int>(static (_, value, attributes, state) => Take(state, value, attributes));
        _listener.SetMeasurementEventCallback<long>(static (_, value, attributes, state) => Take(state, value, attributes));
        _listener.SetMeasurementEventCallback<float>(static (_, value, attributes, state) => Take(state, value, attributes));
        _listener.SetMeasurementEventCallback<double>(static (_, value, attributes, state) => Take(state, value, attributes));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, attributes, state) => Take(state, (double)value, attributes));
        _listener.Start();
    }

    /// <summary>Collects, and writes what there is.</summary>
    /// <exception cref="AggregateException">An instrument's callback has failed.</exception>
    public async Task<StringBuilder> CollectAsync(ExpositionFormat format, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            Family[] families;
            lock (_gate)
            {
                families = [.. _families];
            }

            Array.ForEach(families, static family => family.BeginCollection());
            _listener.RecordObservableInstruments();
            var text = new Exposition(format);
            text.WriteTarget(_target);
            Array.ForEach(families, text.Write);
            return text.End();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _turn.Dispose();
    }

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        var (name, scope) = (instrument.Meter.Name, instrument.Meter.Scope);
        if ((scope is null || ReferenceEquals(scope, _factory)) && (name.StartsWith(Own, StringComparison.Ordinal) || _more.Contains(name)))
        {
            var family = new Family(instrument);
            lock (_gate)
            {
                _families.Add(family);
            }

            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    private void OnCompleted(object? state)
    {
        lock (_gate)
        {
            _families.Remove((Family)state!);
        }
    }

    private static void Take(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> attributes) => ((Family)state!).Take(value, attributes);
}
