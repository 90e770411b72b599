namespace Admission.Capacity.Tests;

/// <summary>Permits that come back without the pool's lock.</summary>
public sealed class ReturningTests
{
    private const int Limit = 6;

    private static readonly BackendPolicy Policy = new()
    {
        Destinations = [new("x", Limit / 2), new("y", Limit / 2)],
        Overflow = Overflow.Wait,
        QueueCapacity = 100,
        MaxWait = TimeSpan.FromMinutes(10),
        LeaseTtl = TimeSpan.FromMinutes(5),
        IgnoresPatience = true,
    };

    /// <summary>
    /// Threads admit and release as fast as they can, while the ledger takes permits away for somebody else and gives them back: what comes back in the instant of a change must not be forgotten, or the other one
    /// waits for ever, and the limit must hold.
    /// </summary>
    [Theory]
    [InlineData(2, 60)]
    [InlineData(4, 30)]
    public async Task No_permit_is_lost_and_none_is_used_twice_while_permissions_change(int threads, int turns)
    {
        var cluster = new MiniCluster(Policy);
        var pool = cluster.Pool("busy");
        _ = cluster.Pool("other");
        using var stop = new CancellationTokenSource();
        var (inFlight, most, admitted) = (0, 0, 0L);
        var workers = Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var random = new Random(threads);
        for (var turn = 0; turn < turns && !workers.Any(worker => worker.IsCompleted); turn++)
        {
            // It waits for permits that come back over there, and gives its own back one by one.
            var waiters = Enumerable.Range(0, random.Next(1, Limit + 2)).Select(_ => Ask("other")).ToList();
            foreach (var waiter in waiters)
            {
                await AdmittedAsync(waiter);
                Enter();
                _ = Interlocked.Decrement(ref inFlight);
                cluster.Release("other", waiter.Result!.Value);
            }

            // Until its permits lie idle over there again, and are used as fast as they can.
            var before = Interlocked.Read(ref admitted);
            for (var asked = 0; Interlocked.Read(ref admitted) < before + 100 && !workers.Any(worker => worker.IsCompleted); asked++)
            {
                asked.ShouldBeLessThan(10_000, "the permits stay away");
                var here = Ask("busy");
                await AdmittedAsync(here);
                cluster.Release("busy", here.Result!.Value);
                cluster.Advance(TimeSpan.FromMilliseconds(50));
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers);
        cluster.Settle();
        pool.InUse.ShouldBe(0);
        most.ShouldBeLessThanOrEqualTo(Limit);
        var all = Enumerable.Range(0, Limit).Select(_ => Ask("other")).ToList();
        all.ShouldAllBe(waiter => waiter.Answer == PoolAnswer.Admitted);
        return;

        void Work()
        {
            while (!stop.IsCancellationRequested)
            {
                if (pool.TryAcquire(default, out var result) && result.Answer == PoolAnswer.Admitted)
                {
                    Enter();
                    _ = Interlocked.Increment(ref admitted);
                    _ = Interlocked.Decrement(ref inFlight);
                    foreach (var (waiter, decided) in pool.Release(result.Permit).Decided ?? [])
                    {
                        waiter.Decided(decided);
                    }
                }
            }
        }

        TestWaiter Ask(string holder)
        {
            var waiter = new TestWaiter();
            var result = cluster.Acquire(holder, waiter);
            if (result.Answer != PoolAnswer.Waiting && waiter.Result is null)
            {
                waiter.Decided(result);
            }

            return waiter;
        }

        void Enter()
        {
            var now = Interlocked.Increment(ref inFlight);
            for (var before = Volatile.Read(ref most); now > before; before = Volatile.Read(ref most))
            {
                _ = Interlocked.CompareExchange(ref most, now, before);
            }
        }

        async Task AdmittedAsync(TestWaiter waiter)
        {
            for (var round = 0; waiter.Result is null; round++)
            {
                round.ShouldBeLessThan(10_000, "a permit that came back was forgotten");
                cluster.Settle();
                await Task.Yield();
            }

            waiter.Answer.ShouldBe(PoolAnswer.Admitted);
        }
    }

    /// <summary>Again and again one request gives the only permit back in the instant in which another asks for it: one of the two calls must serve the other request.</summary>
    [Fact]
    public async Task A_permit_that_comes_back_while_somebody_begins_to_wait_is_his()
    {
        const int Rounds = 20_000;
        var cluster = new MiniCluster(Policy with { Destinations = [new("x", 1)] });
        cluster.Release("a", cluster.Acquire("a"));
        var pool = cluster.Pool("a");
        var (round, done) = (0, 0);
        var permit = default(Permit);
        List<DecidedRequest>? decided = null;
        using var stop = new CancellationTokenSource();
        var releasing = Task.Factory.StartNew(Release, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var random = new Random(7);
        for (var each = 1; each <= Rounds && !releasing.IsCompleted; each++)
        {
            pool.TryAcquire(default, out var first).ShouldBeTrue();
            permit = first.Permit;
            var waiter = new TestWaiter();
            Volatile.Write(ref round, each);
            Thread.SpinWait(random.Next(12));
            var second = pool.Acquire(default, waiter, out _);
            SpinWait.SpinUntil(() => Volatile.Read(ref done) == each || releasing.IsCompleted);
            if (second.Answer == PoolAnswer.Waiting)
            {
                second = (decided ?? []).ShouldHaveSingleItem("the permit was forgotten").Result;
            }

            second.Answer.ShouldBe(PoolAnswer.Admitted);
            pool.Release(second.Permit);
            pool.InUse.ShouldBe(0);
        }

        await stop.CancelAsync();
        await releasing;
        return;

        void Release()
        {
            for (var each = 1; each <= Rounds; each++)
            {
                while (Volatile.Read(ref round) < each)
                {
                    if (stop.IsCancellationRequested)
                    {
                        return;
                    }
                }

                decided = pool.Release(permit).Decided;
                Volatile.Write(ref done, each);
            }
        }
    }

    [Fact]
    public void A_permit_that_has_come_back_is_had_at_once_by_whoever_may_wait()
    {
        var cluster = new MiniCluster(Policy with { Destinations = [new("x", 1)] });
        cluster.Release("a", cluster.Acquire("a"));
        var pool = cluster.Pool("a");
        for (var i = 0; i < 3; i++)
        {
            pool.TryAcquire(default, out var admitted).ShouldBeTrue();
            pool.Release(admitted.Permit);
            var next = pool.Acquire(default, new TestWaiter(), out _);
            next.Answer.ShouldBe(PoolAnswer.Admitted);
            pool.Release(next.Permit);
        }
    }

    [Theory]
    [InlineData(RunOutcome.Served)]
    [InlineData(RunOutcome.Unknown)]
    [InlineData(RunOutcome.Broken)]
    public void One_that_ended_otherwise_does_not_bring_the_lock_back_for_good(RunOutcome outcome)
    {
        var cluster = new MiniCluster(Policy with { LeaseTtl = TimeSpan.FromSeconds(10), RunTimeout = TimeSpan.FromSeconds(5) });
        cluster.Release("a", cluster.Acquire("a"), outcome);
        var pool = cluster.Pool("a");
        for (var i = 0; i < Limit; i++)
        {
            // A failure is told, ends with the next that is served there, and is forgotten.
            cluster.Release("a", cluster.Acquire("a"));
            cluster.Advance(TimeSpan.FromSeconds(5));
        }

        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        pool.TryAcquire(default, out var last).ShouldBeTrue();
        pool.Release(last.Permit);
        pool.Life.Permits.InUse.ShouldBe(2, "it is put aside, and booked for whoever looks");
        pool.InUse.ShouldBe(1);
    }

    [Fact]
    public void One_that_comes_back_just_as_its_destination_is_withheld_is_not_used_there()
    {
        var cluster = new MiniCluster(Policy);
        var held = Enumerable.Range(0, 4).Select(_ => cluster.Acquire("a")).ToList();
        var late = held.Last(result => result.Permit.Destination == "x").Permit;
        foreach (var other in held.Where(result => !result.Permit.Equals(late)))
        {
            cluster.Release("a", other, RunOutcome.Unknown);
        }

        EjectionTests.Fail(cluster, "b", "x", 3);
        EjectionTests.State(cluster, "x").Condition.ShouldBe(DestinationCondition.Withheld);

        // It was let go before, and is put aside only now.
        late.Life.Permits.TryReturnUnlocked(late.Slot, late.Generation).ShouldBeTrue();
        while (cluster.Pool("a").TryAcquire(default, out var admitted) && admitted.Answer == PoolAnswer.Admitted)
        {
            admitted.Permit.Destination.ShouldBe("y");
        }

        cluster.Acquire("a");
        EjectionTests.State(cluster, "x").Booked.ShouldBe(0);
    }

    [Fact]
    public void A_second_release_is_found_out_however_the_first_came_back()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Release("a", cluster.Acquire("a"));
        var pool = cluster.Pool("a");
        pool.TryAcquire(default, out var first).ShouldBeTrue();
        pool.TryAcquire(default, out var second).ShouldBeTrue();
        pool.Release(first.Permit).WantsExchange.ShouldBeFalse();
        _ = Should.Throw<InvalidOperationException>(() => pool.Release(first.Permit));
        pool.InUse.ShouldBe(1);
        _ = Should.Throw<InvalidOperationException>(() => pool.Release(first.Permit, RunOutcome.Unknown));
        pool.Release(second.Permit);
        pool.InUse.ShouldBe(0);
        _ = Should.Throw<InvalidOperationException>(() => pool.Release(second.Permit));
    }

    [Fact]
    public void What_came_back_is_idle_for_whoever_looks_and_reported_with_the_next_report()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Release("a", cluster.Acquire("a"));
        var pool = cluster.Pool("a");
        var permits = new List<PoolResult>();
        while (pool.TryAcquire(default, out var admitted))
        {
            permits.Add(admitted);
        }

        permits.Count.ShouldBeGreaterThan(1);
        foreach (var permit in permits)
        {
            pool.Release(permit.Permit);
        }

        (pool.State.InUse, pool.Idle).ShouldBe((0, permits.Count));
        cluster.Advance(Policy.LeaseTtl / 2);
        cluster.Ledger.Describe().Holders.Single().InUse.ShouldBe(0);
    }

    [Fact]
    public void Admitting_and_releasing_allocates_nothing()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Release("a", cluster.Acquire("a"));
        var pool = cluster.Pool("a");
        Turns();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turns();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Turns()
        {
            for (var i = 0; i < 1_000; i++)
            {
                pool.TryAcquire(default, out var admitted).ShouldBeTrue();
                pool.Release(admitted.Permit);
            }
        }
    }
}
