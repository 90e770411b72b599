using System.Collections.Concurrent;
using Admission.Jobs.Storage;
using Admission.Jobs.Tests.Support;
using Npgsql;

namespace Admission.Jobs.Tests;

public class PostgresJobStoreTests(Postgres server) : JobStoreRules, IClassFixture<Postgres>
{
    [SkippableFact]
    public async Task Gateways_share_the_jobs_and_hear_of_each_other()
    {
        await using var stores = Create();
        var (one, two) = (await stores.OpenAsync(), await stores.OpenAsync());
        using var work = two.Signals.ForWork("model");
        await HeardAsync(work, () => Make.AddAsync(one));
        for (var i = 0; i < 99; i++)
        {
            await Make.AddAsync(i % 2 == 0 ? one : two);
        }

        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Make.ClaimAsync(i % 2 == 0 ? one : two, 5)));
        var taken = claims.SelectMany(each => each).ToList();
        taken.Select(claim => claim.Id).ShouldBeUnique();

        using var watch = one.Signals.ForJob(taken[0].Id);
        await HeardAsync(watch, () => Make.FinishAsync(two, taken[0], Make.Done()));
        (await Make.FinishAsync(one, taken[0], Make.Done())).ShouldBeTrue();
        (await Make.StateAsync(one, taken[0].Id)).ShouldBe(JobState.Done);
    }

    [SkippableFact]
    public async Task What_was_said_to_be_stored_is_there_after_the_database_was_killed()
    {
        Skip.If(server.ConnectionString is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        await using var own = await PostgresServer.StartAsync();
        await using var stores = new PostgresStores(await own.CreateDatabaseAsync(PostgresServer.Schema));
        var store = await stores.OpenAsync();
        var stored = new ConcurrentBag<string>();
        var clients = Enumerable.Range(0, 20).Select(_ => StoreUntilItFailsAsync(store, stored)).ToArray();
        await Until.TrueAsync(() => stored.Count > 100, TimeSpan.FromSeconds(30), () => $"Only {stored.Count} are stored.");
        await own.KillAsync();
        await Task.WhenAll(clients);
        await own.ResumeAsync();

        foreach (var id in stored)
        {
            (await Make.FindAsync(store, id)).State.ShouldBe(JobState.Queued);
        }

        // And it goes on, with the same gateway.
        var claim = (await Make.ClaimAsync(store)).ShouldHaveSingleItem();
        (await Make.FinishAsync(store, claim, Make.Done())).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Whatever_clients_ask_what_is_stored_claimed_and_recorded_has_connections_of_its_own()
    {
        Skip.If(server.ConnectionString is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        await using var database = new PostgresJobDatabase(server.ConnectionString, Guid.NewGuid().ToString("N"), TimeProvider.System);
        await using var store = new SqlJobStore(database, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqlJobStore>.Instance);
        await store.OpenAsync(CancellationToken.None);
        using var over = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 40).Select(_ => database.ReadAsync(SleepAsync, over.Token)).ToArray();

        await Make.AddAsync(store).WaitAsync(TimeSpan.FromSeconds(10));
        var claim = (await Make.ClaimAsync(store).WaitAsync(TimeSpan.FromSeconds(10))).ShouldHaveSingleItem();
        (await store.RenewAsync([(claim, Make.Ttl)], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe([true]);
        (await Make.FinishAsync(store, claim, Make.Done()).WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
        flood.ShouldAllBe(look => !look.IsCompleted);
        await over.CancelAsync();
        await Task.WhenAll(flood.Select(look => look.ContinueWith(_ => { }, TaskScheduler.Default)));

        static async Task<int> SleepAsync(System.Data.Common.DbConnection connection, CancellationToken cancellation)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT pg_sleep(60)";
            return await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    [SkippableFact]
    public async Task A_batch_that_the_server_ends_for_a_deadlock_is_done_once_more()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var ids = new List<string> { (await Make.AddAsync(store)).Id, (await Make.AddAsync(store)).Id };
        ids.Sort(StringComparer.Ordinal);
        var claims = (await Make.ClaimAsync(store, 2)).OrderBy(claim => claim.Id, StringComparer.Ordinal).ToList();

        await using var other = new NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync();
        await RunAsync("SET deadlock_timeout = '60s'");
        await using var transaction = await other.BeginTransactionAsync();
        await LockAsync(ids[1]);
        var renewal = store.RenewAsync([.. claims.Select(claim => (claim, Make.Ttl))], CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString!);
        await using var waiting = source.CreateCommand($"SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND {other.ProcessID} = ANY(pg_blocking_pids(pid))");
        await Until.TrueAsync(async () => await waiting.ExecuteScalarAsync() is > 0L, TimeSpan.FromSeconds(30), () => "The renewal does not wait.");

        // Now each waits for the other, and the renewal, which has waited longer, is ended.
        await LockAsync(ids[0]);
        await transaction.CommitAsync();
        (await renewal).ShouldBe([true, true]);

        Task LockAsync(string id) => RunAsync($"UPDATE admission_job SET due_at = due_at WHERE id = '{id}'");

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, other);
            await command.ExecuteNonQueryAsync();
        }
    }

    [SkippableFact]
    public async Task A_flood_of_questions_refuses_no_request_with_a_key()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store, Make.Job(key: "k"));
        using var over = new CancellationTokenSource();

        // They all take long: what they ask for is locked.
        await using var other = new NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var locking = new NpgsqlCommand("LOCK TABLE admission_job IN ACCESS EXCLUSIVE MODE", other, transaction))
        {
            await locking.ExecuteNonQueryAsync();
        }

        var flood = Enumerable.Range(0, 20 + ReadGate.MostWaiting).Select(_ => store.FindAsync(job.Id, over.Token)).ToArray();
        await Should.ThrowAsync<JobStoreBusyException>(flood[^1]);
        var keyed = store.FindKeyAsync("model", "", "k", CancellationToken.None);
        await over.CancelAsync();
        await transaction.RollbackAsync();
        (await keyed).ShouldNotBeNull().Id.ShouldBe(job.Id);
        await Task.WhenAll(flood.Select(look => look.ContinueWith(_ => { }, TaskScheduler.Default)));
    }

    private protected override JobStores Create()
    {
        Skip.If(server.ConnectionString is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        return new PostgresStores(server.ConnectionString);
    }

    private static async Task StoreUntilItFailsAsync(IJobStore store, ConcurrentBag<string> stored)
    {
        while (true)
        {
            var job = Make.Job();
            try
            {
                (await store.AcceptAsync(job, CancellationToken.None)).Outcome.ShouldBe(AcceptOutcome.Stored);
                stored.Add(job.Id);
            }
            catch (Exception failed) when (JobStoreFailure.Is(failed))
            {
                return;
            }
        }
    }

    // The listener raises everything once when it begins to listen, so one signal is not the proof: it must come after the change.
    private static async Task HeardAsync(JobSignals.Watch watch, Func<Task> change)
    {
        await watch.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        await change();
        (await watch.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None)).ShouldBeTrue();
    }
}
