using System.Diagnostics.Metrics;
using Admission.Capacity;

namespace Admission.Grains.Telemetry;

/// <summary>The instruments of the ledgers that live in this process. A ledger that moves takes its rows along: they vanish here, and appear where it is. docs/telemetry.md has a row for each.</summary>
/// <remarks>
/// Ledgers are added and read by any thread. Each publishes its numbers after every turn of its grain, because a ledger is asked by its own grain only; a scrape reads what was published last.
/// </remarks>
internal sealed class LedgerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Admission.Grains";

    private readonly Lock _gate = new();
    private readonly HashSet<LedgerRow> _rows = [];
    private Func<TimeSpan?>? _authorityAge;

    public LedgerMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        meter.CreateObservableUpDownCounter(
            "admission.ledger.limit", () => Each(static reading => reading.Limit), "{permit}", "The backend's limit in force.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.permits", Permits, "{permit}", "Permits that the ledger has booked, by what they are: in use, idle at a holder, or in quarantine after their holder was lost.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.requests.waiting", () => Each(static reading => reading.Waiting), "{request}", "Tickets in the backend's queue, of all holders.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.holders", () => Each(static reading => reading.Holders), "{holder}", "Holders that have an account.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.leases", () => Each(static reading => reading.Leases), "{lease}", "Leases that programs hold by themselves.");
        meter.CreateObservableCounter(
            "admission.ledger.leases.granted", () => Each(static reading => reading.LeasesGranted), "{lease}", "Such leases that were granted, since this ledger was activated.");
        meter.CreateObservableCounter(
            "admission.ledger.leases.reclaimed", () => Each(static reading => reading.LeasesReclaimed), "{lease}",
            "Such leases that were not renewed in time and taken back, since this ledger was activated.");
        meter.CreateObservableGauge(
            "admission.ledger.epoch", () => Each(static reading => reading.Epoch), description: "The ledger's epoch: each activation has a higher one.");
        meter.CreateObservableGauge(
            "admission.ledger.state", States, description: "1 for the state that the ledger is in.");
        meter.CreateObservableCounter(
            "admission.ledger.ejections", Ejections, "{ejection}", "How often a destination was withheld because it failed, since this ledger was activated.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.destination.limit", () => EachDestination(static destination => destination.Limit), "{permit}", "The destination's limit.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.destination.permits", () => EachDestination(static destination => destination.Booked), "{permit}", "Permits that are booked at the destination.");
        meter.CreateObservableUpDownCounter(
            "admission.ledger.destination.open", () => EachDestination(static destination => destination.Open), "{permit}",
            "As much of the destination's limit as may be granted at present: 0 while it is withheld, growing during its slow start.");
        meter.CreateObservableGauge(
            "admission.authority.age", AuthorityAge, "s", "How long ago the database last confirmed the authority of this silo's ledgers.");
    }

    /// <summary>Shows how old the silo's authority is, where a silo has one.</summary>
    /// <param name="age">How long ago it was last confirmed; null before the first time.</param>
    public void ShowAuthority(Func<TimeSpan?> age) => Volatile.Write(ref _authorityAge, age);

    /// <summary>Adds a ledger; dispose the row when it leaves.</summary>
    /// <param name="backend">Its backend.</param>
    /// <returns>Null for a policy that is only decided in shadow: nothing of it is real.</returns>
    public LedgerRow? Add(string backend)
    {
        if (CapacityGrainKey.IsShadow(backend))
        {
            return null;
        }

        var row = new LedgerRow(backend, Remove);
        lock (_gate)
        {
            _rows.Add(row);
        }

        return row;
    }

    private IEnumerable<Measurement<double>> AuthorityAge() =>
        Volatile.Read(ref _authorityAge)?.Invoke() is { } age ? [new Measurement<double>(age.TotalSeconds)] : [];

    private void Remove(LedgerRow row)
    {
        lock (_gate)
        {
            _rows.Remove(row);
        }
    }

    private LedgerRow[] Rows()
    {
        lock (_gate)
        {
            return [.. _rows];
        }
    }

    private List<Measurement<long>> Each(Func<LedgerReading, long> value) => Collect((row, reading, into) => into.Add(new(value(reading), Backend(row))));

    private List<Measurement<long>> EachDestination(Func<DestinationReading, long> value) => Collect((row, reading, into) =>
    {
        foreach (ref readonly var destination in reading.Destinations)
        {
            into.Add(new(value(destination), Backend(row), Destination(destination.Destination)));
        }
    });

    private List<Measurement<long>> Permits() => Collect((row, reading, into) =>
    {
        into.Add(new(reading.InUse, Backend(row), State("in_use")));
        into.Add(new(reading.Idle, Backend(row), State("idle")));
        into.Add(new(reading.Quarantined, Backend(row), State("quarantined")));
    });

    private List<Measurement<long>> States() => Collect((row, reading, into) => into.Add(new(1, Backend(row), State(reading.Status switch
    {
        LedgerStatus.Granting => "granting",
        LedgerStatus.Recovering => "recovering",
        LedgerStatus.NoPolicy => "no_policy",
        _ => "no_authority",
    }))));

    private List<Measurement<long>> Ejections()
    {
        var measured = new List<Measurement<long>>();
        foreach (var row in Rows())
        {
            foreach (var (destination, count) in row.Ejections())
            {
                measured.Add(new(count, Backend(row), Destination(destination)));
            }
        }

        return measured;
    }

    private List<Measurement<long>> Collect(Action<LedgerRow, LedgerReading, List<Measurement<long>>> read)
    {
        var measured = new List<Measurement<long>>();
        foreach (var row in Rows())
        {
            row.Look(reading => read(row, reading, measured));
        }

        return measured;
    }

    private static KeyValuePair<string, object?> Backend(LedgerRow row) => new("admission.backend", row.Backend);

    private static KeyValuePair<string, object?> Destination(string destination) => new("admission.destination", destination);

    private static KeyValuePair<string, object?> State(string state) => new("admission.state", state);
}
