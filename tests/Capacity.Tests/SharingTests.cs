namespace Admission.Capacity.Tests;

/// <summary>Priorities, tenants and caps through ledger and pools.</summary>
public class SharingTests
{
    private static readonly BackendPolicy Wait = new()
    {
        Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 4, MaxWait = TimeSpan.FromMinutes(1), RunTimeout = TimeSpan.FromSeconds(20),
    };

    private static readonly BackendPolicy Capped = Wait with { Limit = 6, Order = new QueueOrder { Tenants = [new TenantRule("acme", 1, 2)] } };

    [Fact]
    public void A_full_queue_takes_in_a_higher_priority_at_the_cost_of_the_lowest()
    {
        var cluster = Full(Priorities.Background, null, out var waiting);
        var critical = cluster.Wait("c", new AdmissionRequest { Priority = Priorities.Critical });

        critical.Answer.ShouldBe(PoolAnswer.Waiting);
        waiting[^1].Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.Displaced);
        waiting.SkipLast(1).ShouldAllBe(waiter => waiter.Answer == PoolAnswer.Waiting);
    }

    [Fact]
    public void A_saturation_notice_refuses_only_whom_the_ledger_would_refuse()
    {
        var cluster = Full(Priorities.Normal, null, out _);
        var before = cluster.Exchanges;
        cluster.Acquire("a", new AdmissionRequest { Priority = Priorities.Normal }).Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
        cluster.Acquire("a", new AdmissionRequest { Priority = Priorities.Background }).Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
        cluster.Exchanges.ShouldBe(before, "the pool knows");
        cluster.Acquire("a", new AdmissionRequest { Priority = Priorities.Critical }).Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Acquire("a", new AdmissionRequest { Tenant = "other" }).Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void A_tenant_with_more_than_its_part_of_a_full_queue_makes_room_for_another()
    {
        var cluster = Full(Priorities.Normal, "greedy", out var waiting);
        var modest = cluster.Wait("c", new AdmissionRequest { Tenant = "modest" });

        modest.Answer.ShouldBe(PoolAnswer.Waiting);
        waiting[^1].Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.TenantShare);
        var before = cluster.Exchanges;
        cluster.Acquire("a", new AdmissionRequest { Tenant = "greedy" }).Refusal!.Reason.ShouldBe(RefusalReason.TenantShare);
        cluster.Exchanges.ShouldBe(before, "its pool has been told");
        cluster.Acquire("a", new AdmissionRequest { Tenant = "third" }).Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void A_guaranteed_share_serves_the_last_priority_too()
    {
        var cluster = new MiniCluster(Wait with
        {
            Limit = 1,
            QueueCapacity = 100,
            Order = new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, 25)] },
        });
        var running = cluster.Acquire("a");
        var background = cluster.Wait("b", new AdmissionRequest { Priority = Priorities.Background });
        var served = 0;
        for (; background.Answer == PoolAnswer.Waiting; served++)
        {
            var critical = cluster.Wait("c", new AdmissionRequest { Priority = Priorities.Critical });
            cluster.Release(served == 0 ? "a" : "c", running);
            running = critical.Result ?? default;
        }

        served.ShouldBe(5, "four critical ones, each of which brings a quarter of a permit");
    }

    [Fact]
    public void A_cap_holds_over_all_pools_and_takes_nothing_from_others()
    {
        var cluster = new MiniCluster(Capped);
        var acme = new AdmissionRequest { Tenant = "acme" };
        var first = cluster.Acquire("a", acme);
        cluster.Acquire("b", acme).Answer.ShouldBe(PoolAnswer.Admitted);
        var third = cluster.Wait("c", acme);
        third.Answer.ShouldBe(PoolAnswer.Waiting);
        for (var i = 0; i < 4; i++)
        {
            cluster.Acquire("c").Answer.ShouldBe(PoolAnswer.Admitted, "the four permits that acme may not have");
        }

        cluster.Release("a", first);
        third.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void Without_a_queue_a_tenant_at_its_cap_is_refused_with_that_reason()
    {
        var cluster = new MiniCluster(Capped with { Overflow = Overflow.Refuse });
        var acme = new AdmissionRequest { Tenant = "acme" };
        cluster.Acquire("a", acme).Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("b", acme).Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("c", acme).Refusal!.Reason.ShouldBe(RefusalReason.TenantCap);
        cluster.Acquire("c", new AdmissionRequest { Tenant = "other" }).Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_request_heavier_than_its_tenants_cap_is_refused_at_once() =>
        new MiniCluster(Capped).Acquire("a", new AdmissionRequest { Tenant = "acme", Weight = 3 }).Refusal!.Reason.ShouldBe(RefusalReason.TenantCap);

    [Fact]
    public void A_cap_counts_what_a_lost_pool_may_still_run()
    {
        var cluster = new MiniCluster(Capped);
        var acme = new AdmissionRequest { Tenant = "acme" };
        cluster.Acquire("a", acme).Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("a", acme).Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Kill("a");
        var waiter = cluster.Wait("b", acme);
        cluster.Advance(TimeSpan.FromSeconds(31));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting, "11 s of lease and 20.4 s of quarantine");
        cluster.Advance(TimeSpan.FromSeconds(1));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_cap_holds_when_the_ledger_moves_and_when_it_is_lost()
    {
        var cluster = new MiniCluster(Capped);
        var acme = new AdmissionRequest { Tenant = "acme" };
        var first = cluster.Acquire("a", acme);
        cluster.Acquire("b", acme).Answer.ShouldBe(PoolAnswer.Admitted);
        var third = cluster.Wait("c", acme);
        cluster.HandOver();
        cluster.Settle();
        third.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Activate();
        cluster.Advance(TimeSpan.FromSeconds(5));
        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.Granting);
        third.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("a", first);
        third.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_pool_by_itself_serves_its_priorities_in_order_and_leaves_capped_tenants_waiting()
    {
        var cluster = new MiniCluster(Capped with { Limit = 1 });
        var running = cluster.Acquire("a");
        var acme = cluster.Wait("a", new AdmissionRequest { Tenant = "acme", Priority = Priorities.Critical });
        var normal = cluster.Wait("a");
        var critical = cluster.Wait("a", new AdmissionRequest { Priority = Priorities.Critical });
        cluster.CutOff.Add("a");
        cluster.Time.Advance(TimeSpan.FromSeconds(4));
        cluster.Pool("a").BeginExchange().ShouldNotBeNull();
        cluster.Time.Advance(TimeSpan.FromMilliseconds(500));
        cluster.Settle();
        cluster.Pool("a").IsDetached.ShouldBeTrue();

        cluster.Release("a", running);
        critical.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Release("a", critical.Result!.Value);
        normal.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Release("a", normal.Result!.Value);
        acme.Answer.ShouldBe(PoolAnswer.Waiting, "only the ledger knows what acme has elsewhere");
    }

    [Fact]
    public void The_order_of_a_queue_survives_a_move_of_its_ledger()
    {
        var cluster = new MiniCluster(Wait with { Limit = 1, QueueCapacity = 20, Order = new QueueOrder { TenantBurst = 0 } });
        var running = cluster.Acquire("a");
        var greedy = Enumerable.Range(0, 4).Select(_ => cluster.Wait("a", new AdmissionRequest { Tenant = "greedy" })).ToList();
        cluster.Release("a", running);
        cluster.Release("a", greedy[0].Result!.Value);
        var modest = Enumerable.Range(0, 2).Select(_ => cluster.Wait("b", new AdmissionRequest { Tenant = "modest" })).ToList();
        var critical = cluster.Wait("c", new AdmissionRequest { Priority = Priorities.Critical });
        cluster.Advance(TimeSpan.FromMilliseconds(200));
        cluster.HandOver();
        cluster.Settle();

        cluster.Release("a", greedy[1].Result!.Value);
        cluster.Release("c", critical.Result!.Value);
        cluster.Release("b", modest[0].Result!.Value);
        cluster.Release("a", greedy[2].Result!.Value);
        modest[1].Answer.ShouldBe(PoolAnswer.Admitted);
        greedy[3].Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void A_crowded_pool_still_asks_for_whom_the_ledger_may_take_in()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.CutOff.Add("a");
        var pool = cluster.Pool("a");
        pool.BeginExchange();
        for (var i = 0; i < 7; i++)
        {
            cluster.Acquire("a", new AdmissionRequest { Tenant = "greedy" });
        }

        cluster.Acquire("a", new AdmissionRequest { Tenant = "greedy" }).Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
        cluster.Acquire("a", new AdmissionRequest { Tenant = "modest" }).Answer.ShouldBe(PoolAnswer.Waiting);
        for (var i = 0; pool.Waiting < 12; i++)
        {
            cluster.Acquire("a", new AdmissionRequest { Priority = Priorities.Critical }).Answer.ShouldBe(PoolAnswer.Waiting);
        }

        cluster.Acquire("a", new AdmissionRequest { Priority = Priorities.Critical }).Refusal!.Reason.ShouldBe(RefusalReason.QueueFull, "twice the number is the end");
    }

    [Theory]
    [InlineData(11, 0, "Order:Levels: the shares add up to 101 percent.*")]
    [InlineData(5, 1, "Order:Levels:low:Priority: 10 is given to two names.*")]
    public void A_wrong_order_is_refused_with_the_reason(int share, int numbers, string expected)
    {
        var order = new QueueOrder { Levels = [new QueueLevel("normal", 10, 90), new QueueLevel("low", numbers == 1 ? 10 : 20, share)] };
        BackendPolicyRules.Validate(Wait with { Order = order }).Single().ShouldMatch(expected);
    }

    [Fact]
    public void Every_mistake_of_an_order_is_told()
    {
        var order = new QueueOrder
        {
            Levels = [new QueueLevel("", 100, 101), new QueueLevel("a", 1, 0), new QueueLevel("A", 2, 0)],
            TenantCap = 0,
            Tenants = [new TenantRule("", 0, 0), new TenantRule("t", 1, null), new TenantRule("t", 1, null)],
        };
        BackendPolicyRules.Validate(Wait with { Order = order }).Count.ShouldBe(9);
    }

    [Fact]
    public void Orders_are_compared_by_what_they_say()
    {
        var one = Wait with { Order = new QueueOrder { Levels = [new QueueLevel("low", 20, 5)], Tenants = [new TenantRule("t", 2, null)] } };
        var same = Wait with { Order = new QueueOrder { Levels = [new QueueLevel("low", 20, 5)], Tenants = [new TenantRule("t", 2, null)] } };
        one.Matches(same).ShouldBeTrue();
        one.Matches(same with { Order = same.Order with { TenantCap = 1 } }).ShouldBeFalse();
        one.Matches(Wait).ShouldBeFalse();
        one.Order.PriorityOf("LOW").ShouldBe(20);
        one.Order.PriorityOf("critical").ShouldBeNull("a policy that lists its names has no others");
        new QueueOrder().PriorityOf("background").ShouldBe(Priorities.Background);
    }

    /// <summary>Two permits in use and four tickets of one priority and tenant waiting, at pool a.</summary>
    private static MiniCluster Full(int priority, string? tenant, out List<TestWaiter> waiting)
    {
        var cluster = new MiniCluster(Wait);
        var request = new AdmissionRequest { Priority = priority, Tenant = tenant };
        cluster.Acquire("a", request).Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("a", request).Answer.ShouldBe(PoolAnswer.Admitted);
        waiting = [.. Enumerable.Range(0, 4).Select(_ => cluster.Wait("a", request))];
        waiting.ShouldAllBe(waiter => waiter.Answer == PoolAnswer.Waiting);
        cluster.Acquire("a", request).Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
        return cluster;
    }
}
