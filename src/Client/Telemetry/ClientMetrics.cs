using System.Diagnostics.Metrics;
using Admission.Capacity;

namespace Admission.Client.Telemetry;

/// <summary>The instruments of this process as a holder. docs/telemetry.md has a row for each.</summary>
/// <remarks>
/// A request that is decided at once is counted by its pool, in a field that the pool has under its lock anyway, and read when somebody collects: it costs the same whether anybody listens or not.
/// Only requests that wait, and exchanges, are measured one by one.
/// </remarks>
internal sealed class ClientMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Admission.Client";

    /// <summary>Bounds of histograms of times, in seconds: from a round trip in a rack to the longest wait that policies usually allow.</summary>
    private static readonly InstrumentAdvice<double> Times = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    private readonly Meter? _own;
    private readonly Func<IEnumerable<BackendHolder>> _holders;
    private readonly Histogram<double> _waits;
    private readonly Histogram<double> _exchanges;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The host's; null for a meter of its own.</param>
    /// <param name="holders">The backends at present, those decided in shadow included.</param>
    public ClientMetrics(IMeterFactory? meters, Func<IEnumerable<BackendHolder>> holders)
    {
        _holders = holders;
        var meter = meters?.Create(MeterName) ?? (_own = new Meter(MeterName));
        meter.CreateObservableCounter("admission.requests", Requests, "{request}", "Requests that were decided, by how.");
        _waits = meter.CreateHistogram(
            "admission.wait.duration", "s", "How long requests waited that were not decided at once.", tags: null, Times);
        meter.CreateObservableUpDownCounter("admission.holder.permits", Permits, "{permit}", "Permits that this process holds.");
        meter.CreateObservableUpDownCounter(
            "admission.holder.requests.waiting", () => Each(static holder => holder.State.Waiting), "{request}", "Requests that wait in this process.");
        meter.CreateObservableCounter(
            "admission.holder.recalls", () => Each(static holder => holder.Totals.Recalls), "{recall}", "How often the ledger began to ask for idle permits.");
        meter.CreateObservableCounter(
            "admission.holder.leases.lost", () => Each(static holder => holder.Totals.LeasesLost), "{lease}", "Leases that ended while this process held permits.");
        meter.CreateObservableCounter(
            "admission.holder.detached.time", DetachedTime, "s", "Time in which the ledger did not answer this process, or could not grant.");
        _exchanges = meter.CreateHistogram(
            "admission.exchange.duration", "s", "How long exchanges with the ledger took, from the report to its answer.", tags: null, Times);
        meter.CreateObservableCounter(
            "admission.shadow.requests", ShadowRequests, "{request}", "What a policy that is only decided in shadow would have done to requests.");
    }

    /// <summary>Whether exchanges are measured at present.</summary>
    public bool MeasuresExchanges => _exchanges.Enabled;

    /// <summary>A request that waited has been decided, or its client has left.</summary>
    public void Waited(string backend, BackendPolicy policy, int priority, string outcome, TimeSpan wait)
    {
        if (_waits.Enabled && !CapacityGrainKey.IsShadow(backend))
        {
            _waits.Record(wait.TotalSeconds, MetricTags.Backend(backend), MetricTags.Outcome(outcome), MetricTags.Priority(policy, priority));
        }
    }

    /// <summary>An exchange has ended.</summary>
    public void Exchanged(string backend, bool answered, TimeSpan took)
    {
        if (!CapacityGrainKey.IsShadow(backend))
        {
            _exchanges.Record(took.TotalSeconds, MetricTags.Backend(backend), MetricTags.Outcome(answered ? "answered" : "failed"));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _own?.Dispose();

    private IEnumerable<BackendHolder> Enforced() => _holders().Where(static holder => holder.Shadow is null && !CapacityGrainKey.IsShadow(holder.Backend));

    private List<Measurement<long>> Each(Func<BackendHolder, long> value) =>
        [.. Enforced().Select(holder => new Measurement<long>(value(holder), MetricTags.Backend(holder.Backend)))];

    private List<Measurement<double>> DetachedTime() =>
        [.. Enforced().Select(static holder => new Measurement<double>(holder.Totals.Detached.TotalSeconds, MetricTags.Backend(holder.Backend)))];

    private List<Measurement<long>> Permits()
    {
        var measured = new List<Measurement<long>>();
        foreach (var holder in Enforced())
        {
            var state = holder.State;
            measured.Add(new(state.InUse, MetricTags.Backend(holder.Backend), MetricTags.State("in_use")));
            measured.Add(new(state.Held - state.InUse, MetricTags.Backend(holder.Backend), MetricTags.State("idle")));
        }

        return measured;
    }

    private List<Measurement<long>> Requests()
    {
        var measured = new List<Measurement<long>>();
        foreach (var holder in Enforced())
        {
            var (backend, totals) = (MetricTags.Backend(holder.Backend), holder.Totals);
            measured.Add(new(totals.AdmittedAtOnce, backend, MetricTags.Outcome(MetricTags.Admitted)));
            measured.Add(new(totals.AdmittedAfterWait, backend, MetricTags.Outcome(MetricTags.AdmittedAfterWait)));
            measured.Add(new(totals.GivenUp, backend, MetricTags.Outcome(MetricTags.GaveUp)));
            foreach (var refused in totals.Refused)
            {
                measured.Add(new(refused.Count, backend, MetricTags.Outcome(MetricTags.Refused), MetricTags.Reason(refused.Reason)));
            }
        }

        return measured;
    }

    private List<Measurement<long>> ShadowRequests()
    {
        var measured = new List<Measurement<long>>();
        foreach (var holder in _holders())
        {
            if (holder.Shadow is not { } shadow)
            {
                continue;
            }

            var (backend, totals) = (MetricTags.Backend(CapacityGrainKey.ShadowedBy(holder.Backend)), shadow.Totals);
            measured.Add(new(totals.AtOnce, backend, MetricTags.Outcome(MetricTags.Admitted)));
            measured.Add(new(totals.Waited, backend, MetricTags.Outcome(MetricTags.AdmittedAfterWait)));
            measured.Add(new(totals.GaveUp, backend, MetricTags.Outcome(MetricTags.GaveUp)));
            measured.Add(new(totals.Unknown, backend, MetricTags.Outcome("unknown")));
            measured.Add(new(totals.Malformed, backend, MetricTags.Outcome("malformed")));
            foreach (var refused in totals.Refused)
            {
                measured.Add(new(refused.Count, backend, MetricTags.Outcome(MetricTags.Refused), MetricTags.Reason(refused.Reason)));
            }
        }

        return measured;
    }
}
