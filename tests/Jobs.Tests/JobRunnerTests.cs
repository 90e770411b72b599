using System.Collections.Concurrent;
using System.Text;
using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

public class JobRunnerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Runs_what_is_stored_and_no_more_at_once_than_it_may()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (inside, greatest) = (0, 0);
        var gate = new SemaphoreSlim(0);
        await using var runners = new Runners(store, new JobPolicy { AtOnce = 3 }, async (JobClaim _, CancellationToken _) =>
        {
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref greatest, now);
            await gate.WaitAsync();
            Interlocked.Decrement(ref inside);
            return Runners.Answered();
        });

        var jobs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Make.AddAsync(store)));
        await Until.TrueAsync(() => Volatile.Read(ref inside) == 3, Patience, () => $"{inside} are inside.");
        gate.Release(10);
        foreach (var job in jobs)
        {
            await BecomesAsync(store, job.Id, JobState.Done);
        }

        greatest.ShouldBe(3);
    }

    [Fact]
    public async Task No_place_is_asked_for_again_and_costs_no_attempt()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var asked = 0;
        await using var runners = new Runners(store, new JobPolicy { Attempts = 1 }, (JobClaim _, CancellationToken _) =>
            Task.FromResult(Interlocked.Increment(ref asked) < 4 ? new JobRun(JobRunKind.NoPlace, default) : Runners.Answered()));
        var job = await Make.AddAsync(store);
        await BecomesAsync(store, job.Id, JobState.Done);
        (asked, (await Make.FindAsync(store, job.Id)).Attempts).ShouldBe((4, 1));
    }

    [Fact]
    public async Task What_fails_is_tried_again_after_its_pause_and_becomes_a_dead_letter_in_the_end()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var policy = new JobPolicy { Attempts = 3, FirstDelay = TimeSpan.FromMilliseconds(20) };
        await using var runners = new Runners(store, policy, (JobClaim _, CancellationToken _) => Task.FromResult(Runners.Answered("no", 503)));
        var job = await Make.AddAsync(store);
        await BecomesAsync(store, job.Id, JobState.Dead);

        var attempts = JobAttempt.Parse((await Make.FindAsync(store, job.Id)).History);
        attempts.Select(attempt => (attempt.Status, attempt.Reason)).ShouldBe(Enumerable.Repeat<(int?, string?)>((503, "status-503"), 3));
        Encoding.UTF8.GetString((await store.ResultAsync(job.Id, CancellationToken.None))!.Body).ShouldBe("no");
    }

    [Fact]
    public async Task A_lost_claim_is_given_up_and_only_the_next_one_records()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (first, lost) = (new TaskCompletionSource(), new TaskCompletionSource());
        var bodies = new ConcurrentQueue<string>(["of the old", "of the new"]);
        await using var runners = new Runners(store, new JobPolicy { AtOnce = 2 }, async (JobClaim _, CancellationToken cancellation) =>
        {
            bodies.TryDequeue(out var body);
            if (body == "of the old")
            {
                await using var registration = cancellation.Register(lost.SetResult);
                first.SetResult();
                await lost.Task;
            }

            return Runners.Answered(body!);
        });
        var job = await Make.AddAsync(store);
        await first.Task.WaitAsync(Patience);

        // Its gateway was silent for too long, and another one has tidied up.
        await stores.PassAsync(new JobPolicy().ClaimTtl * 2);
        await store.TendAsync(CancellationToken.None);
        await BecomesAsync(store, job.Id, JobState.Done);
        await runners.Keeper.RenewAsync(CancellationToken.None);
        await lost.Task.WaitAsync(Patience);
        await Until.TrueAsync(() => runners.Runner.Running == 0, Patience, () => "The lost one goes on.");
        Encoding.UTF8.GetString((await store.ResultAsync(job.Id, CancellationToken.None))!.Body).ShouldBe("of the new");
    }

    [Fact]
    public async Task A_cancelled_job_is_given_up_at_once()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var begun = new TaskCompletionSource();
        await using var runners = new Runners(store, new JobPolicy(), async (JobClaim _, CancellationToken cancellation) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new JobRun(JobRunKind.GivenUp, default);
        });
        var job = await Make.AddAsync(store);
        await begun.Task.WaitAsync(Patience);
        (await store.CancelAsync(job.Id, Make.Ttl, CancellationToken.None)).ShouldBeTrue();
        await Until.TrueAsync(() => runners.Runner.Running == 0, Patience, () => "It goes on.");
        (await Make.StateAsync(store, job.Id)).ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task A_job_that_loses_its_gateway_each_time_is_a_dead_letter()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        (await Make.MarkAsync(store, await Make.ClaimOneAsync(store))).ShouldBeTrue();
        await stores.PassAsync(Make.Ttl * 2);
        await store.TendAsync(CancellationToken.None);

        await using var runners = new Runners(store, new JobPolicy { Attempts = 1 }, (JobClaim _, CancellationToken _) => throw new InvalidOperationException("It must not run."));
        await BecomesAsync(store, job.Id, JobState.Dead);
        Encoding.UTF8.GetString((await store.ResultAsync(job.Id, CancellationToken.None))!.Body).ShouldContain(JobReasons.TooManyAttempts);
    }

    [Fact]
    public async Task A_runner_that_stops_waits_for_what_is_in_the_backend_and_gives_back_what_waits()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var gate = new TaskCompletionSource();
        var inBackend = new ConcurrentBag<string>();
        var runners = new Runners(store, new JobPolicy { AtOnce = 4 }, async (JobClaim claim, CancellationToken _) =>
        {
            if (inBackend.IsEmpty)
            {
                inBackend.Add(claim.Id);
                await gate.Task;
                return Runners.Answered();
            }

            return new JobRun(JobRunKind.NoPlace, default);
        });
        var first = await Make.AddAsync(store);
        await Until.TrueAsync(() => !inBackend.IsEmpty, Patience, () => "It does not run.");
        var waiting = await Make.AddAsync(store);
        await BecomesAsync(store, waiting.Id, JobState.Running);

        var stopped = runners.DisposeAsync().AsTask();
        await BecomesAsync(store, waiting.Id, JobState.Queued);
        stopped.IsCompleted.ShouldBeFalse();
        gate.SetResult();
        await stopped.WaitAsync(Patience);
        (await Make.StateAsync(store, first.Id)).ShouldBe(JobState.Done);
    }

    private static Task BecomesAsync(IJobStore store, string id, JobState state) => Until.TrueAsync(
        async () => await Make.StateAsync(store, id) == state, Patience, () => $"The job does not become {state}.");

    private static void InterlockedMax(ref int greatest, int value)
    {
        for (var old = Volatile.Read(ref greatest); value > old; old = Volatile.Read(ref greatest))
        {
            Interlocked.CompareExchange(ref greatest, value, old);
        }
    }
}
