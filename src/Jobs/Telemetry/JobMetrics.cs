using System.Diagnostics.Metrics;

namespace Admission.Jobs.Telemetry;

/// <summary>The instruments of deferred jobs. docs/telemetry.md has a row for each.</summary>
/// <remarks>What this process has stored, tried and finished is counted here; how many jobs there are, and how old, is asked of the store, which all gateways of a cluster share.</remarks>
internal sealed class JobMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Admission.Jobs";

    private const string BackendKey = "admission.backend";
    private const string OutcomeKey = "admission.outcome";
    private const string StateKey = "admission.state";

    private static readonly (JobState State, string Name)[] States =
    [
        (JobState.Queued, "queued"), (JobState.Delayed, "delayed"), (JobState.Running, "running"), (JobState.Done, "done"), (JobState.Dead, "dead"),
        (JobState.Cancelled, "cancelled"),
    ];

    private readonly Counter<long> _stored;
    private readonly Counter<long> _finished;
    private readonly Counter<long> _attempts;
    private JobCensus? _census;

    public JobMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _stored = meter.CreateCounter<long>("admission.jobs.stored", "{job}", "Jobs that this process has stored.");
        _attempts = meter.CreateCounter<long>("admission.jobs.attempts", "{attempt}", "Attempts of this process to run a job, by whether they finished it.");
        _finished = meter.CreateCounter<long>("admission.jobs.finished", "{job}", "Jobs that this process has finished, by how.");
        meter.CreateObservableUpDownCounter("admission.jobs.count", Counts, "{job}", "Jobs in the store, of all gateways, by state. Each gateway tells the same.");
        meter.CreateObservableGauge("admission.jobs.oldest.age", OldestAges, "s", "How long ago the oldest job was stored that is not finished, of all gateways.");
    }

    /// <summary>Shows what is in the store.</summary>
    public void Show(JobCensus census) => Volatile.Write(ref _census, census);

    /// <summary>A job is stored.</summary>
    public void Stored(string backend) => _stored.Add(1, Backend(backend));

    /// <summary>What a claim has come to is recorded.</summary>
    public void Recorded(string backend, JobEnd end)
    {
        if (end.Attempt is not null)
        {
            _attempts.Add(1, Backend(backend), new(OutcomeKey, end.State == JobState.Done ? "done" : "failed"));
        }

        if (end.State.IsFinal())
        {
            Finished(backend, end.State == JobState.Done ? "done" : "dead");
        }
    }

    /// <summary>A job has not been run in its time.</summary>
    public void Expired(string backend) => Finished(backend, "expired");

    /// <summary>A client has cancelled a job.</summary>
    public void Cancelled(string backend) => Finished(backend, "cancelled");

    private void Finished(string backend, string outcome) => _finished.Add(1, Backend(backend), new(OutcomeKey, outcome));

    private List<Measurement<long>> Counts()
    {
        var measured = new List<Measurement<long>>();
        foreach (var rows in Rows().GroupBy(row => row.Backend, StringComparer.OrdinalIgnoreCase))
        {
            foreach (var (state, name) in States)
            {
                measured.Add(new(rows.Where(row => row.State == state).Sum(row => row.Count), Backend(rows.Key), new(StateKey, name)));
            }
        }

        return measured;
    }

    private List<Measurement<double>> OldestAges() =>
    [
        .. Rows().GroupBy(row => row.Backend, StringComparer.OrdinalIgnoreCase)
            .Select(rows => new Measurement<double>(rows.Where(row => !row.State.IsFinal()).Select(row => row.OldestAge.TotalSeconds).DefaultIfEmpty().Max(), Backend(rows.Key))),
    ];

    private IReadOnlyList<JobCensusRow> Rows() => Volatile.Read(ref _census)?.Look() ?? [];

    // As the other meters write it.
    private static KeyValuePair<string, object?> Backend(string backend) => new(BackendKey, backend.ToLowerInvariant());
}
