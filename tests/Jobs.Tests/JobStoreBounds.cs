using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

/// <summary>What every store of jobs counts, prunes and ends.</summary>
public abstract class JobStoreBounds
{
    private protected abstract JobStores Create();

    [SkippableFact]
    public async Task Everything_that_is_stored_counts()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var large = new string('x', 5000);
        var policy = new JobPolicy { MaxStored = 4 * (NewJob.RowBytes + 5000) };
        var request = Make.Request with { Headers = new Dictionary<string, string?[]> { ["X-Large"] = [large] } };

        // Headers of the request.
        (await StoredAsync("a", _ => Make.Job(backend: "a", policy: policy) with { Request = request.ToBytes() })).ShouldBe(3);

        // Headers of results, of jobs that are small themselves.
        (await StoredAsync("b", _ => Make.Job(backend: "b", policy: policy), async claim => await Make.FinishAsync(store, claim, Make.Done() with
        {
            Result = new JobResult(200, new Dictionary<string, string?[]> { ["X-Large"] = [large] }, []),
        }))).ShouldBeInRange(3, 4);

        // What is written down of attempts.
        (await StoredAsync("c", _ => Make.Job(backend: "c", policy: policy), async claim => await Make.FinishAsync(store, claim, Make.Delayed(TimeSpan.FromHours(1)) with
        {
            Attempt = Make.Attempt(503, large),
        }))).ShouldBeInRange(3, 4);

        // The row itself, whatever is in it.
        (await StoredAsync("d", _ => Make.Job(backend: "d", policy: policy), async claim => await store.CancelAsync(claim.Id, Make.Ttl, CancellationToken.None), 100)).ShouldBeLessThan(45);

        async Task<int> StoredAsync(string backend, Func<int, NewJob> make, Func<JobClaim, Task>? then = null, int most = 20)
        {
            for (var i = 0; i < most; i++)
            {
                var answer = await store.AcceptAsync(make(i), CancellationToken.None);
                if (answer.Outcome != AcceptOutcome.Stored)
                {
                    answer.Outcome.ShouldBe(AcceptOutcome.StoreFull);
                    return i;
                }

                if (then is not null)
                {
                    await then((await store.ClaimAsync(backend, 1, Make.Ttl, "test", ClaimTurns.First, CancellationToken.None)).ShouldHaveSingleItem());
                }

                // The store counts again.
                await stores.RecountAsync();
            }

            return most;
        }
    }

    [SkippableFact]
    public async Task A_finished_job_has_no_request_any_more_and_gives_its_room_back_when_it_is_deleted()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var policy = new JobPolicy { MaxStored = 20_000 };
        for (var i = 0; i < 10; i++)
        {
            await Make.AddAsync(store, Make.Job(body: new string('x', 10_000), policy: policy));
            (await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done())).ShouldBeTrue();
            await stores.RecountAsync();
        }

        await stores.PassAsync(TimeSpan.FromHours(2));
        await store.TendAsync(CancellationToken.None);
        (await store.ListAsync(new JobFilter(), CancellationToken.None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task With_as_many_finished_jobs_as_are_kept_no_more_are_taken_in_until_their_time_is_over()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var policy = new JobPolicy { MaxFinished = 2 };
        for (var i = 0; i < 2; i++)
        {
            await Make.AddAsync(store, Make.Job(policy: policy));
            await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done());
        }

        (await store.AcceptAsync(Make.Job(policy: policy), CancellationToken.None)).Outcome.ShouldBe(AcceptOutcome.ResultsFull);
        await stores.PassAsync(TimeSpan.FromHours(2));
        await store.TendAsync(CancellationToken.None);
        await stores.RecountAsync();
        await Make.AddAsync(store, Make.Job(policy: policy));
    }

    [SkippableFact]
    public async Task A_gateway_that_is_lost_before_it_sends_costs_no_attempt()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        await LoseAsync(_ => Task.CompletedTask);
        await LoseAsync(claim => Make.MarkAsync(store, claim));
        await LoseAsync(async claim =>
        {
            await Make.MarkAsync(store, claim);
            await Make.MarkAsync(store, claim, sent: false);
        });
        await LoseAsync(claim => Make.MarkAsync(store, claim));

        (await Make.ClaimOneAsync(store)).Attempts.ShouldBe(2);
        JobAttempt.Parse((await Make.FindAsync(store, job.Id)).History).Select(attempt => attempt.Reason).ShouldBe([Running.JobReasons.GatewayLost, Running.JobReasons.GatewayLost]);

        async Task LoseAsync(Func<JobClaim, Task> use)
        {
            await use(await Make.ClaimOneAsync(store));
            await stores.PassAsync(Make.Ttl * 2);
            await store.TendAsync(CancellationToken.None);
        }
    }

    [SkippableFact]
    public async Task A_claim_knows_how_long_its_job_may_still_take()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        await Make.AddAsync(store, Make.Job(policy: new JobPolicy { Ttl = TimeSpan.FromMinutes(10) }));
        await stores.PassAsync(TimeSpan.FromMinutes(4));
        (await Make.ClaimOneAsync(store)).TimeLeft.ShouldBeInRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    [SkippableFact]
    public async Task A_job_is_kept_until_its_client_has_been_told_and_can_come_for_the_result()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            ids.Add((await Make.AddAsync(store, Make.Job() with { Callback = "https://hooks.example/a" })).Id);
            await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done() with { Lasts = TimeSpan.FromMinutes(1) });
        }

        await PassAsync(TimeSpan.FromHours(3));
        var told = (await store.ClaimCallbacksAsync(1, Make.Ttl, [], CancellationToken.None)).ShouldHaveSingleItem();
        await store.EndCallbackAsync(told, null, CancellationToken.None);
        await PassAsync(JobCallback.KeptAfter / 2);
        (await Make.FindAsync(store, told.Id)).State.ShouldBe(JobState.Done);
        await PassAsync(JobCallback.KeptAfter);
        (await store.FindAsync(told.Id, CancellationToken.None)).ShouldBeNull();

        // Whoever cannot be told for a day is not waited for any longer.
        var other = ids.Single(id => id != told.Id);
        (await Make.FindAsync(store, other)).State.ShouldBe(JobState.Done);
        await PassAsync(JobCallback.Patience);
        (await store.FindAsync(other, CancellationToken.None)).ShouldBeNull();

        async Task PassAsync(TimeSpan time)
        {
            await stores.PassAsync(time);
            await store.TendAsync(CancellationToken.None);
        }
    }

    [SkippableFact]
    public async Task Callbacks_of_busy_receivers_are_left_for_later()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        foreach (var host in new[] { "slow", "slow", "slow.er", "fast" })
        {
            await Make.AddAsync(store, Make.Job() with { Callback = $"https://{host}:81/jobs/1" });
            await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done());
        }

        var claimed = await store.ClaimCallbacksAsync(10, Make.Ttl, ["https://slow:81/", "https://none/"], CancellationToken.None);
        claimed.Select(callback => callback.Receiver).Order().ShouldBe(["https://fast:81/", "https://slow.er:81/"]);
        (await store.ClaimCallbacksAsync(10, Make.Ttl, [], CancellationToken.None)).Select(callback => callback.Receiver).ShouldBe(["https://slow:81/", "https://slow:81/"]);
    }
}

public class SqliteJobStoreBounds : JobStoreBounds
{
    private protected override JobStores Create() => new SqliteStores();
}

public class PostgresJobStoreBounds(Postgres server) : JobStoreBounds, IClassFixture<Postgres>
{
    private protected override JobStores Create()
    {
        Skip.If(server.ConnectionString is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        return new PostgresStores(server.ConnectionString);
    }
}
