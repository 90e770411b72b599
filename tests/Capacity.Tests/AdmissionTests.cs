namespace Admission.Capacity.Tests;

public class AdmissionTests
{
    private static readonly BackendPolicy RefuseThree = new() { Limit = 3 };
    private static readonly BackendPolicy WaitThree = new() { Limit = 3, Overflow = Overflow.Wait, QueueCapacity = 5 };

    [Fact]
    public void Admits_up_to_the_limit_and_refuses_the_next()
    {
        var cluster = new MiniCluster(RefuseThree);
        for (var i = 0; i < 3; i++)
        {
            cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        }

        var fourth = cluster.Acquire("a");

        fourth.Answer.ShouldBe(PoolAnswer.Refused);
        fourth.Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        fourth.Refusal.Occupancy.Limit.ShouldBe(3);
        fourth.Refusal.Occupancy.InUse.ShouldBe(3);
    }

    [Fact]
    public void The_limit_holds_over_all_holders_together()
    {
        var cluster = new MiniCluster(RefuseThree);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("c").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("d").Answer.ShouldBe(PoolAnswer.Refused);
    }

    [Fact]
    public void A_released_permit_is_used_again_without_a_message()
    {
        var cluster = new MiniCluster(RefuseThree);
        var first = cluster.Acquire("a");
        cluster.Release("a", first);
        var before = cluster.Exchanges;

        for (var i = 0; i < 100; i++)
        {
            cluster.Release("a", cluster.Acquire("a"));
        }

        cluster.Exchanges.ShouldBe(before);
    }

    [Fact]
    public void An_idle_permit_of_one_holder_is_recalled_for_another()
    {
        var cluster = new MiniCluster(new BackendPolicy { Limit = 1 });
        cluster.Release("a", cluster.Acquire("a"));
        cluster.Pool("a").Idle.ShouldBe(1);

        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Pool("a").Idle.ShouldBe(0);
    }

    [Fact]
    public void Tickets_are_served_in_the_order_in_which_they_reached_the_ledger()
    {
        var cluster = new MiniCluster(WaitThree);
        var running = Enumerable.Range(0, 3).Select(i => (Holder: $"h{i}", Result: cluster.Acquire($"h{i}"))).ToList();
        var waiting = Enumerable.Range(0, 5).Select(i => cluster.Wait($"h{(i * 2) % 3}")).ToList();
        waiting.ShouldAllBe(waiter => waiter.Answer == PoolAnswer.Waiting);

        for (var i = 0; i < 3; i++)
        {
            cluster.Release(running[i].Holder, running[i].Result);
            waiting.Count(waiter => waiter.Answer == PoolAnswer.Admitted).ShouldBe(i + 1);
            waiting[i].Answer.ShouldBe(PoolAnswer.Admitted);
        }
    }

    [Fact]
    public void A_ticket_beyond_the_queue_is_refused()
    {
        var cluster = new MiniCluster(WaitThree);
        for (var i = 0; i < 8; i++)
        {
            cluster.Acquire($"h{i}").Answer.ShouldNotBe(PoolAnswer.Refused);
        }

        cluster.Acquire("late").Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
    }

    [Fact]
    public void A_ticket_that_is_given_up_leaves_the_queue()
    {
        var cluster = new MiniCluster(WaitThree);
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        cluster.Acquire("a");
        var gone = cluster.Wait("b");
        var next = cluster.Wait("c");
        cluster.GiveUp("b", gone);

        cluster.Release("a", running);

        gone.Answer.ShouldBe(PoolAnswer.Waiting);
        next.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Ledger.Describe().Occupancy.Queued.ShouldBe(0);
    }

    [Fact]
    public void A_request_waits_no_longer_than_the_policy_lets_it()
    {
        var cluster = new MiniCluster(WaitThree with { MaxWait = TimeSpan.FromSeconds(2) });
        for (var i = 0; i < 3; i++)
        {
            cluster.Acquire("a");
        }

        var waiter = cluster.Wait("a");
        cluster.Advance(TimeSpan.FromSeconds(1.9));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(0.2));
        waiter.Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.WaitExpired);
    }

    [Fact]
    public void A_smaller_priority_is_served_first()
    {
        var cluster = new MiniCluster(WaitThree with { Limit = 1 });
        var running = cluster.Acquire("a");
        var normal = cluster.Wait("b");
        var critical = cluster.Wait("c", new AdmissionRequest { Priority = Priorities.Critical });

        cluster.Release("a", running);

        critical.Answer.ShouldBe(PoolAnswer.Admitted);
        normal.Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void A_heavy_ticket_is_not_overtaken_by_light_ones()
    {
        var cluster = new MiniCluster(WaitThree);
        var one = cluster.Acquire("a");
        var two = cluster.Acquire("a");
        var heavy = cluster.Wait("b", new AdmissionRequest { Weight = 3 });
        var light = cluster.Wait("c");

        cluster.Release("a", one);
        light.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("a", two);

        heavy.Answer.ShouldBe(PoolAnswer.Admitted);
        light.Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void A_weight_above_the_limit_is_refused_with_that_reason()
    {
        var cluster = new MiniCluster(WaitThree);
        cluster.Acquire("a", new AdmissionRequest { Weight = 4 }).Refusal!.Reason.ShouldBe(RefusalReason.WeightAboveLimit);
    }

    [Fact]
    public void A_storm_of_refused_requests_does_not_reach_the_ledger()
    {
        var cluster = new MiniCluster(RefuseThree);
        for (var i = 0; i < 4; i++)
        {
            cluster.Acquire("a");
        }

        var before = cluster.Exchanges;
        for (var i = 0; i < 10_000; i++)
        {
            cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Refused);
        }

        cluster.Exchanges.ShouldBe(before, "the saturation notice is valid for 10 ms, in which the clock stands still");
        cluster.Advance(TimeSpan.FromMilliseconds(50));
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Refused);
        (cluster.Exchanges - before).ShouldBe(1, "the notice has ended, so one request asks again");
    }

    [Fact]
    public void What_refuses_without_the_lock_ends_with_the_next_release_a_new_policy_and_the_notice()
    {
        var cluster = new MiniCluster(RefuseThree);
        var running = Enumerable.Range(0, 4).Select(_ => cluster.Acquire("a")).ToArray()[0];
        var pool = cluster.Pool("a");
        for (var i = 0; i < 3; i++)
        {
            pool.TryAcquire(default, out var refused).ShouldBeTrue();
            refused.Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        }

        pool.TryAcquire(new AdmissionRequest { Weight = 4 }, out var heavy).ShouldBeTrue();
        heavy.Refusal!.Reason.ShouldBe(RefusalReason.WeightAboveLimit, "the notice is not the reason");
        pool.Release(running.Permit);
        pool.TryAcquire(default, out var admitted).ShouldBeTrue();
        admitted.Answer.ShouldBe(PoolAnswer.Admitted, "the permit is idle here, whatever the notice says");

        pool.TryAcquire(default, out _).ShouldBeTrue();
        pool.ChangePolicy(RefuseThree with { Limit = 1 });
        pool.TryAcquire(new AdmissionRequest { Weight = 2 }, out var tooHeavy).ShouldBeTrue();
        tooHeavy.Refusal!.Reason.ShouldBe(RefusalReason.WeightAboveLimit);

        pool.TryAcquire(default, out _).ShouldBeTrue();
        cluster.Advance(TimeSpan.FromMilliseconds(50));
        pool.TryAcquire(default, out admitted).ShouldBeFalse("the notice has ended: the ledger has to be asked");
        admitted.Answer.ShouldBe(PoolAnswer.None, "what the variable had before is not an answer");
    }

    [Theory]
    [InlineData(0, Priorities.Normal)]
    [InlineData(1, 100)]
    public void A_report_that_no_pool_can_make_is_refused_with_the_reason(int weight, int priority)
    {
        var report = new HolderReport
        {
            Holder = "a", Incarnation = 1, Epoch = 1, Sequence = 1, AppliedDecision = 0,
            Tickets = [new TicketRequest(1, weight, priority, null, TimeSpan.FromSeconds(1))],
        };
        var ledger = new MiniCluster(WaitThree).Ledger;
        Should.Throw<ArgumentException>(() => ledger.Receive(report)).Message.ShouldContain("Ticket 1");
    }

    [Fact]
    public void A_second_release_is_a_bug_that_shows()
    {
        var cluster = new MiniCluster(RefuseThree);
        var admitted = cluster.Acquire("a");
        cluster.Release("a", admitted);
        Should.Throw<InvalidOperationException>(() => cluster.Release("a", admitted));
    }

    [Fact]
    public void Each_grant_names_a_destination_within_its_own_limit()
    {
        var cluster = new MiniCluster(new BackendPolicy { Destinations = [new("d1", 1), new("d2", 2)] });
        var destinations = Enumerable.Range(0, 3).Select(_ => cluster.Acquire("a").Permit.Destination).ToList();
        destinations.Count(name => name == "d1").ShouldBe(1);
        destinations.Count(name => name == "d2").ShouldBe(2);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Refused);
    }
}
