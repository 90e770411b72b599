using System.Text;
using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

/// <summary>Runners whose store, or whose time, fails them.</summary>
public class JobRunnerFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Renewals_that_hang_end_by_themselves_and_the_answer_is_recorded_all_the_same()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (renewals, runs) = (0, 0);
        var hanging = Between<IJobStore>.Before(store, method => method switch
        {
            // Nobody takes the job up again, however slow the machine is.
            nameof(IJobStore.TendAsync) => Task.CompletedTask,
            nameof(IJobStore.RenewAsync) when Volatile.Read(ref runs) > 0 => Hang(),
            _ => null,
        });
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var given = CancellationToken.None;
        await using var runners = new Runners(hanging, new JobPolicy { ClaimTtl = JobPolicy.ShortestClaimTtl }, async (JobClaim _, CancellationToken cancellation) =>
        {
            Interlocked.Increment(ref runs);
            given = cancellation;
            begun.TrySetResult();
            await gate.Task;
            return cancellation.IsCancellationRequested ? new JobRun(JobRunKind.GivenUp, default) : Runners.Answered("worth having");
        });
        var job = await Make.AddAsync(store);
        await begun.Task.WaitAsync(Patience);

        // By this gateway's clock the claim has long run out; nobody else has taken it up.
        await Until.TrueAsync(() => Volatile.Read(ref renewals) >= 5, Patience, () => $"{renewals} renewals were begun, and the last one hangs.");
        given.IsCancellationRequested.ShouldBeFalse();
        gate.SetResult();
        await Until.TrueAsync(async () => await Make.StateAsync(store, job.Id) == JobState.Done, Patience, () => "It is not recorded.");
        Encoding.UTF8.GetString((await store.ResultAsync(job.Id, CancellationToken.None))!.Body).ShouldBe("worth having");
        runs.ShouldBe(1);

        Task<IReadOnlyList<bool>> Hang()
        {
            Interlocked.Increment(ref renewals);
            return new TaskCompletionSource<IReadOnlyList<bool>>().Task;
        }
    }

    [Fact]
    public async Task A_result_waits_for_its_store_longer_than_the_claim_lasts()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (failures, runs) = (0, 0);
        var failing = Between<IJobStore>.Before(store, method => method switch
        {
            // Nobody takes the job up again: what is not recorded by this run never is.
            nameof(IJobStore.TendAsync) => Task.CompletedTask,
            nameof(IJobStore.RenewAsync) when Volatile.Read(ref runs) > 0 => Task.FromException<IReadOnlyList<bool>>(new IOException("away")),
            nameof(IJobStore.FinishAsync) when Interlocked.Increment(ref failures) <= 2 => Task.FromException<bool>(new IOException("away")),
            _ => null,
        });
        await using var runners = new Runners(failing, new JobPolicy { ClaimTtl = JobPolicy.ShortestClaimTtl }, (JobClaim _, CancellationToken _) =>
        {
            Interlocked.Increment(ref runs);
            return Task.FromResult(Runners.Answered());
        });
        var job = await Make.AddAsync(store);
        await Until.TrueAsync(async () => await Make.StateAsync(store, job.Id) == JobState.Done, Patience, () => "It is not recorded.");
        (failures, runs).ShouldBe((3, 1));
    }

    [Fact]
    public async Task A_claim_that_may_be_anothers_asks_for_no_permit_until_it_is_renewed()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (away, asked, renewals) = (true, 0, 0);
        var time = new ShiftedTime();
        var between = Between<IJobStore>.Before(store, method =>
        {
            if (method == nameof(IJobStore.TendAsync))
            {
                return Task.CompletedTask;
            }

            if (method != nameof(IJobStore.RenewAsync) || !Volatile.Read(ref away) || Volatile.Read(ref asked) == 0)
            {
                return null;
            }

            Interlocked.Increment(ref renewals);
            return Task.FromException<IReadOnlyList<bool>>(new IOException("away"));
        });
        await using var runners = new Runners(
            between,
            new JobPolicy { ClaimTtl = JobPolicy.ShortestClaimTtl },
            (_, _) =>
            {
                if (Interlocked.Increment(ref asked) == 1)
                {
                    time.AdvanceClock(JobPolicy.ShortestClaimTtl);
                }

                return Task.FromResult(Volatile.Read(ref away) ? new JobRun(JobRunKind.NoPlace, default) : Runners.Answered());
            },
            time);
        var job = await Make.AddAsync(store);

        // At the pace of renewals that fail there would have been several tries.
        await Until.TrueAsync(() => Volatile.Read(ref renewals) >= 6, Patience, () => $"It is renewed {renewals} times.");
        asked.ShouldBe(1);
        Volatile.Write(ref away, false);
        await Until.TrueAsync(async () => await Make.StateAsync(store, job.Id) == JobState.Done, Patience, () => "It never asks again.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Before_it_is_sent_the_store_says_whether_it_is_still_ours(bool isOurs)
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var sent = new TaskCompletionSource<bool>();
        await using var runners = new Runners(store, new JobPolicy { Attempts = 1 }, async (JobTry attempt, CancellationToken _) =>
        {
            if (!isOurs)
            {
                await store.CancelAsync(attempt.Claim.Id, Make.Ttl, CancellationToken.None);
            }

            sent.TrySetResult(await attempt.BeforeSending());
            return sent.Task.Result ? Runners.Answered() : new JobRun(JobRunKind.GivenUp, default);
        });
        var job = await Make.AddAsync(store);
        (await sent.Task.WaitAsync(Patience)).ShouldBe(isOurs);
        await Until.TrueAsync(async () => await Make.StateAsync(store, job.Id) == (isOurs ? JobState.Done : JobState.Cancelled), Patience, () => "It does not end.");
    }

    [Fact]
    public async Task What_was_to_be_sent_and_was_not_costs_no_attempt_when_the_gateway_is_lost()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (tries, waits) = (0, new TaskCompletionSource());
        var runners = new Runners(store, new JobPolicy(), async (JobTry attempt, CancellationToken _) =>
        {
            if (Interlocked.Increment(ref tries) == 1)
            {
                (await attempt.BeforeSending()).ShouldBeTrue();
                return new JobRun(JobRunKind.NoPlace, default);
            }

            // It waits for its permit again.
            await waits.Task;
            return new JobRun(JobRunKind.GivenUp, default);
        });
        var job = await Make.AddAsync(store);
        await Until.TrueAsync(() => Volatile.Read(ref tries) == 2, Patience, () => "It is not tried again.");
        await stores.PassAsync(new JobPolicy().ClaimTtl * 2);
        await store.TendAsync(CancellationToken.None);
        (await Make.FindAsync(store, job.Id)).Attempts.ShouldBe(0);
        waits.SetResult();
        await runners.DisposeAsync();
    }

    [Fact]
    public async Task What_nobody_expects_ends_no_loop()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var (claims, renewals) = (0, 0);
        var failing = Between<IJobStore>.Before(store, method => method switch
        {
            nameof(IJobStore.ClaimAsync) when Interlocked.Increment(ref claims) == 1 => Task.FromException<IReadOnlyList<JobClaim>>(new InvalidOperationException("a bug")),
            nameof(IJobStore.RenewAsync) when Interlocked.Increment(ref renewals) == 1 => Task.FromException<IReadOnlyList<bool>>(new InvalidOperationException("a bug")),
            _ => null,
        });
        var gate = new TaskCompletionSource();
        await using var runners = new Runners(failing, new JobPolicy { ClaimTtl = JobPolicy.ShortestClaimTtl }, async (JobClaim _, CancellationToken _) =>
        {
            await gate.Task;
            return Runners.Answered();
        });
        var job = await Make.AddAsync(store);
        await Until.TrueAsync(() => Volatile.Read(ref renewals) >= 3, Patience, () => $"{claims} claims, {renewals} renewals.");
        gate.SetResult();
        await Until.TrueAsync(async () => await Make.StateAsync(store, job.Id) == JobState.Done, Patience, () => "It is not recorded.");
    }

    [Fact]
    public void An_outage_is_told_once()
    {
        var outage = new StoreOutage();
        (outage.Begin(), outage.Begin()).ShouldBe((true, false));
        outage.End();
        outage.Begin().ShouldBeTrue();
    }

    [Fact]
    public async Task A_job_that_waits_for_its_permit_ends_with_its_time()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        var waits = new List<TimeSpan>();
        await using var runners = new Runners(store, new JobPolicy(), (JobTry attempt, CancellationToken _) =>
        {
            waits.Add(attempt.MaxWait);
            return Task.FromResult(new JobRun(JobRunKind.NoPlace, default) { RetryAfter = TimeSpan.FromMinutes(1) });
        });
        var job = await Make.AddAsync(store, Make.Job(policy: new JobPolicy { Ttl = TimeSpan.FromSeconds(1) }));
        await Until.TrueAsync(async () => await Make.StateAsync(store, job.Id) == JobState.Dead, Patience, () => "It waits for ever.");
        var found = await Make.FindAsync(store, job.Id);
        (found.ResultStatus, found.Attempts).ShouldBe((504, 0));
        JobAttempt.Parse(found.History).ShouldHaveSingleItem().Reason.ShouldBe(JobReasons.Expired);
        waits.ShouldAllBe(wait => wait > TimeSpan.Zero && wait <= TimeSpan.FromSeconds(1));
    }
}
