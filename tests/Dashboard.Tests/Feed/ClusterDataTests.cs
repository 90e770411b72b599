using Admission.Dashboard.Feed;
using Admission.Dashboard.Feed.Jobs;
using Admission.Grains.Cluster;
using Admission.Jobs;
using Admission.Jobs.Storage;
using Admission.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Admission.Dashboard.Tests.Feed;

/// <summary>What a silo finds in the cluster's database: the backends, and the jobs that gateways store there.</summary>
public sealed class ClusterDataTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private ClusterSettings _settings = new() { ConnectionString = "" };

    public async Task InitializeAsync()
    {
        if (PostgresServer.IsInstalled)
        {
            _server = await PostgresServer.StartAsync();
            _settings = new ClusterSettings { ConnectionString = await _server.CreateDatabaseAsync(PostgresServer.Schema) };
        }
    }

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? default);

    [SkippableFact]
    public async Task Backends_and_jobs_are_those_of_the_service_whoever_asks()
    {
        Skip.If(_server is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        await using var database = new ClusterDatabase(_settings);
        await using (var source = NpgsqlDataSource.Create(_settings.ConnectionString))
        await using (var command = source.CreateCommand($"""
            INSERT INTO admission_epoch (service_id, backend, epoch, silo) VALUES
            ('{_settings.ServiceId}', 'two', 1, 's'), ('{_settings.ServiceId}', 'one', 1, 's'), ('{_settings.ServiceId}', 'one (shadow)', 1, 's'), ('another', 'three', 1, 's')
            """))
        {
            await command.ExecuteNonQueryAsync();
        }

        (await new ClusterBackends(database, _settings).ListAsync(CancellationToken.None)).ShouldBe(["one", "two"], ignoreOrder: true);

        await using var gateway = new SqlJobStore(new PostgresJobDatabase(_settings.ConnectionString, _settings.ServiceId, TimeProvider.System), TimeProvider.System, NullLogger<SqlJobStore>.Instance);
        await gateway.OpenAsync(CancellationToken.None);
        string[] ids = [await AddAsync(gateway), await AddAsync(gateway), await AddAsync(gateway)];
        var claim = (await gateway.ClaimAsync("model", 1, TimeSpan.FromSeconds(30), "test", ClaimTurns.Following(null), CancellationToken.None)).ShouldHaveSingleItem();
        (await gateway.FinishAsync(claim, Dead(), CancellationToken.None)).ShouldBeTrue();

        await using var door = new DatabaseJobs(_settings, TimeProvider.System, NullLoggerFactory.Instance);
        var rounds = new JobRounds(door, TimeProvider.System);
        var desk = new JobDesk(door, NullLogger.Instance);
        JobCounts? counts = null;
        await Until.TrueAsync(async () => (counts = await rounds.RoundAsync(CancellationToken.None)).Problem is null, TimeSpan.FromSeconds(20), () => $"{counts?.Problem}");

        counts!.States.Select(row => (row.Backend, row.State, row.Count)).ShouldBe([("model", "queued", 2L), ("model", "dead", 1L)], ignoreOrder: true);
        var page = await desk.SearchAsync(new JobSearch { Most = 2 }, CancellationToken.None);
        page.Jobs.Select(job => job.Id).ShouldBe([ids[2], ids[1]]);
        (await desk.SearchAsync(new JobSearch { Most = 2, Before = page.Next }, CancellationToken.None)).ShouldSatisfyAllConditions(
            next => next.Jobs.ShouldHaveSingleItem().Id.ShouldBe(ids[0]), next => next.Next.ShouldBeNull());
        (await desk.SearchAsync(new JobSearch { State = "dead" }, CancellationToken.None)).Jobs.ShouldHaveSingleItem().CanRetry.ShouldBeTrue();
        (await desk.SearchAsync(new JobSearch { State = "gone" }, CancellationToken.None)).Problem.ShouldNotBeNull().ShouldContain("queued, delayed, running, done, dead, cancelled");
        (await desk.SearchAsync(new JobSearch { Id = ids[1] }, CancellationToken.None)).Jobs.ShouldHaveSingleItem().Tenant.ShouldBe("acme");

        (await desk.FindAsync(ids[0], CancellationToken.None)).ShouldSatisfyAllConditions(
            found => found.Job!.State.ShouldBe("dead"), found => found.Attempts.ShouldHaveSingleItem().Reason.ShouldBe("status-502"), found => found.Attempts[0].Status.ShouldBe(502));
        (await desk.FindAsync(ids[1], CancellationToken.None)).Ahead.ShouldBe(0);
        (await desk.RetryAsync(ids[0], "anna", CancellationToken.None)).IsDone.ShouldBeTrue();
        (await desk.RetryAsync(ids[0], "anna", CancellationToken.None)).Problem.ShouldBe("The job is queued; only a dead letter can be tried again.");
        (await desk.CancelAsync(ids[2], "anna", CancellationToken.None)).IsDone.ShouldBeTrue();
        (await desk.FindAsync(ids[2], CancellationToken.None)).Job!.State.ShouldBe("cancelled");
        (await desk.CancelAsync(JobId.Create(), "anna", CancellationToken.None)).Problem.ShouldNotBeNull().ShouldContain("no such job");

        await _server.StopAsync();
        (await desk.FindAsync(ids[0], CancellationToken.None)).Problem.ShouldNotBeNull();
        (await rounds.RoundAsync(CancellationToken.None)).States.ShouldNotBeEmpty("the last count is shown for a while");
    }

    private static async Task<string> AddAsync(IJobStore store)
    {
        var request = new StoredRequest { Method = "POST", Scheme = "http", Host = "gateway", Path = "/work", Query = "", Route = "all", Headers = new Dictionary<string, string?[]>() };
        var job = new NewJob(JobId.Create(), "model", "acme", request.ToBytes(), "body"u8.ToArray(), new JobPolicy());
        (await store.AcceptAsync(job, CancellationToken.None)).Outcome.ShouldBe(AcceptOutcome.Stored);
        return job.Id;
    }

    private static JobEnd Dead() => new(JobState.Dead, TimeSpan.FromHours(1))
    {
        Attempt = new JobAttempt(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), 502, "status-502"),
        Result = new JobResult(502, new Dictionary<string, string?[]>(), "no"u8.ToArray()),
    };
}
