using System.Diagnostics.Metrics;
using Admission.Jobs.Telemetry;
using Admission.Jobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Jobs.Tests;

/// <summary>What instruments tell of jobs, for every store.</summary>
public abstract class JobMetricsRules
{
    private protected abstract JobStores Create();

    [SkippableFact]
    public async Task Each_job_is_counted_when_it_is_stored_and_by_how_it_ends()
    {
        await using var stores = Create();
        using var reader = new Reader();
        stores.Metrics = reader.Metrics;
        var store = await stores.OpenAsync();
        var jobs = new List<NewJob>();
        for (var i = 0; i < 5; i++)
        {
            jobs.Add(await Make.AddAsync(store, Make.Job(policy: new JobPolicy { Ttl = TimeSpan.FromMinutes(i == 4 ? 1 : 60) })));
        }

        var claims = await Make.ClaimAsync(store, 3);
        await Make.FinishAsync(store, claims[0], Make.Delayed(TimeSpan.FromHours(1)));
        await Make.FinishAsync(store, claims[1], Make.Done());
        (await Make.FinishAsync(store, claims[1], Make.Done())).ShouldBeTrue("it is recorded, and not counted again");
        await Make.FinishAsync(store, claims[2], Make.Dead());
        (await store.CancelAsync(jobs[3].Id, TimeSpan.FromHours(1), CancellationToken.None)).ShouldBeTrue();
        (await store.CancelAsync(jobs[3].Id, TimeSpan.FromHours(1), CancellationToken.None)).ShouldBeFalse();
        await stores.PassAsync(TimeSpan.FromMinutes(2));
        await store.TendAsync(CancellationToken.None);

        reader.Sum("admission.jobs.stored").ShouldBe([("model", 5)]);
        reader.Sum("admission.jobs.attempts").ShouldBe([("model done", 1), ("model failed", 2)]);
        reader.Sum("admission.jobs.finished").ShouldBe([("model cancelled", 1), ("model dead", 1), ("model done", 1), ("model expired", 1)]);
        await Until.TrueAsync(() => reader.Told("admission.jobs.count").Count > 0, TimeSpan.FromSeconds(20), () => "Nothing is counted.");
        reader.Told("admission.jobs.count").Where(each => each.Value > 0).ShouldBe([("model cancelled", 1), ("model dead", 2), ("model delayed", 1), ("model done", 1)]);
        reader.Told("admission.jobs.oldest.age").ShouldHaveSingleItem().Value.ShouldBeInRange(120, 200);
    }

    [Fact]
    public async Task The_jobs_are_counted_when_somebody_looks_and_no_oftener_than_is_worth_while()
    {
        var time = new ShiftedTime();
        var counts = 0;
        var fails = false;
        var census = new JobCensus(
            _ =>
            {
                counts++;
                return fails ? throw new IOException("Away.") : Task.FromResult<IReadOnlyList<JobCensusRow>>([new("model", JobState.Queued, counts, TimeSpan.Zero)]);
            },
            time, NullLogger.Instance);
        census.Look().ShouldBeEmpty("it is counted now");
        await Until.TrueAsync(() => census.Look().Count > 0, TimeSpan.FromSeconds(20), () => "Nothing is counted.");
        census.Look().Single().Count.ShouldBe(1);
        counts.ShouldBe(1);

        time.AdvanceClock(JobCensus.Shortest);
        census.Look().Single().Count.ShouldBe(1, "whoever looks does not wait");
        await Until.TrueAsync(() => census.Look().Single().Count == 2, TimeSpan.FromSeconds(20), () => "Nothing is counted again.");

        fails = true;
        time.AdvanceClock(JobCensus.Longest);
        census.Look().Single().Count.ShouldBe(2);
        time.AdvanceClock(JobCensus.Shortest);
        census.Look().ShouldBeEmpty("a count of two minutes ago says nothing");
        await census.StopAsync();
        counts.ShouldBeGreaterThan(2);
    }

    /// <summary>Reads the instruments.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly MeterListener _listener = new();
        private readonly Lock _gate = new();
        private readonly List<(string Instrument, string Tags, double Value)> _measured = [];

        public Reader()
        {
            var meters = _services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();
            Metrics = new JobMetrics(meters);
        }

        public JobMetrics Metrics { get; }

        public List<(string Tags, double Value)> Sum(string instrument)
        {
            lock (_gate)
            {
                return [.. _measured.Where(each => each.Instrument == instrument).GroupBy(each => each.Tags).Select(each => (each.Key, each.Sum(one => one.Value))).Order()];
            }
        }

        public List<(string Tags, double Value)> Told(string instrument)
        {
            lock (_gate)
            {
                _measured.RemoveAll(each => each.Instrument == instrument);
            }

            _listener.RecordObservableInstruments();
            return Sum(instrument);
        }

        public void Dispose()
        {
            _listener.Dispose();
            _services.Dispose();
        }

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var words = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
            lock (_gate)
            {
                _measured.Add((instrument.Name, words, value));
            }
        }
    }
}

/// <summary>With the jobs in a file.</summary>
public sealed class SqliteJobMetricsTests : JobMetricsRules
{
    private protected override JobStores Create() => new SqliteStores();
}

/// <summary>With the jobs in a cluster's database.</summary>
public sealed class PostgresJobMetricsTests(Postgres server) : JobMetricsRules, IClassFixture<Postgres>
{
    private protected override JobStores Create()
    {
        Skip.If(server.ConnectionString is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        return new PostgresStores(server.ConnectionString);
    }
}
