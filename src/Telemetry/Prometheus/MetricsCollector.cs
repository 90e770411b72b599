using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Admission.Telemetry.Prometheus;

/// <summary>Listens to the meters of this host and shows them as Prometheus wants.</summary>
/// <remarks>One collection at a time. Instruments of another host in this process are not this one's: those of a meter factory belong to it, those of nobody to all.</remarks>
internal sealed partial class MetricsCollector : IDisposable
{
    private const string Own = "Admission.";

    private readonly IMeterFactory _factory;
    private readonly HashSet<string> _more;
    private readonly KeyValuePair<string, object?>[] _target;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<Family> _families = [];
    private readonly MeterListener _listener = new();
    private readonly ILogger<MetricsCollector> _logger;
    private bool _failing;

    /// <summary>Begins to listen.</summary>
    /// <param name="factory">The host's meters.</param>
    /// <param name="logger">The log.</param>
    /// <param name="more">Meters beside Admission's own.</param>
    /// <param name="target">What describes the process.</param>
    public MetricsCollector(IMeterFactory factory, ILogger<MetricsCollector> logger, IEnumerable<string> more, params KeyValuePair<string, object?>[] target)
    {
        _factory = factory;
        _logger = logger;
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

    /// <summary>Collects, and writes what there is. An instrument whose callback fails is left out, and the log says so when it begins.</summary>
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
            Observe();
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

    // All are asked, whichever fails.
    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
            _failing = false;
        }
        catch (AggregateException failed)
        {
            if (!_failing)
            {
                _failing = true;
                LogFailed(failed);
            }
        }
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

    [LoggerMessage(2202, LogLevel.Error, "Instruments have failed, and are not shown until they work again.")]
    private partial void LogFailed(Exception failure);
}
