namespace Admission.Capacity.Tests;

public sealed class AdjustingTests
{
    private static readonly BackendPolicy Waits = new() { Limit = 4, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromMinutes(5) };

    private static readonly BackendPolicy Refuses = new() { Limit = 2 };

    private static readonly BackendPolicy Spread = new()
    {
        Destinations = [new DestinationLimit("one", 2), new DestinationLimit("two", 2)], Overflow = Overflow.Wait, MaxWait = TimeSpan.FromMinutes(5),
    };

    [Fact]
    public void A_lowered_limit_admits_nothing_until_fewer_are_in_use()
    {
        var cluster = new MiniCluster(Waits);
        var first = cluster.Acquire("a");
        var second = cluster.Acquire("b");
        var third = cluster.Acquire("b");
        Adjust(cluster, new PolicyAdjustment { Limit = 2 });
        var waiter = cluster.Wait("a");
        cluster.Release("a", first);
        waiter.Result.ShouldBeNull();
        cluster.Release("b", second);
        waiter.Result!.Value.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Ledger.Describe().Occupancy.Limit.ShouldBe(2);
        cluster.Release("b", third);
    }

    [Fact]
    public void A_raised_limit_counts_in_pools_that_know_only_what_is_configured()
    {
        var cluster = new MiniCluster(Waits with { QueueCapacity = 1 });
        cluster.Release("a", cluster.Acquire("a"));
        cluster.Acquire("a", new AdmissionRequest { Weight = 6 }).Refusal!.Reason.ShouldBe(RefusalReason.WeightAboveLimit);
        Adjust(cluster, new PolicyAdjustment { Limit = 6, QueueCapacity = 20 });
        cluster.Advance(TimeSpan.FromSeconds(4));
        var heavy = cluster.Acquire("a", new AdmissionRequest { Weight = 6 });
        heavy.Answer.ShouldBe(PoolAnswer.Admitted);
        var waiters = Enumerable.Range(0, 20).Select(_ => cluster.Wait("a")).ToList();
        waiters.ShouldAllBe(waiter => waiter.Result == null);
        cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
    }

    [Fact]
    public void Survives_a_crash_a_planned_move_and_gateways_that_deliver_their_policy_again()
    {
        var cluster = new MiniCluster(Waits);
        var adjustment = new PolicyAdjustment { Limit = 3, Paused = true };
        Adjust(cluster, adjustment);
        cluster.Apply(Waits with { }).Errors.ShouldBeEmpty();
        cluster.Activate();
        cluster.Ledger.DescribePolicy().Adjustment.ShouldBe(adjustment);
        cluster.HandOver();
        var description = cluster.Ledger.DescribePolicy();
        description.Adjustment.ShouldBe(adjustment);
        description.Version.ShouldBe(2);
        description.History.Single().By.ShouldBe("eve");
        cluster.Ledger.Policy!.Limit.ShouldBe(3);
        cluster.Ledger.Describe().IsPaused.ShouldBeTrue();
    }

    [Fact]
    public void The_configuration_may_change_under_it_and_what_no_longer_fits_is_told()
    {
        var cluster = new MiniCluster(Spread);
        Adjust(cluster, new PolicyAdjustment { Limit = 1, QueueCapacity = 7, Destinations = [new DestinationAdjustment("two", null, IsDrained: true)] });
        cluster.Apply(Spread with { Overflow = Overflow.Refuse, Destinations = [new DestinationLimit("one", 5), new DestinationLimit("three", 5)] }).Errors.ShouldBeEmpty();
        cluster.Ledger.Policy!.TotalLimit.ShouldBe(1);
        var policy = cluster.Ledger.DescribePolicy();
        policy.Adjustment!.Limit.ShouldBe(1);
        policy.Configured!.Limit.ShouldBeNull();
        var mistakes = new AdjustedPolicy(policy.Configured, policy.Adjustment).Mistakes;
        mistakes.Count.ShouldBe(2);
        mistakes[0].ShouldStartWith("queueCapacity: the policy refuses at once");
        mistakes[1].ShouldStartWith("destinations.two: the policy has no such destination. It has one, three.");
        var configured = policy.History[0];
        configured.By.ShouldBeNull();
        configured.Fields.ShouldContain(new FieldChange("overflow", "Wait", "Refuse"));
        configured.Fields.ShouldContain(new FieldChange("limit (configured)", "4", "10"));
    }

    [Fact]
    public void A_wrong_one_is_refused_whole_with_every_reason()
    {
        var cluster = new MiniCluster(Refuses);
        var answer = cluster.Ledger.Adjust(new AdjustmentRequest
        {
            ExpectedVersion = 1,
            By = "eve",
            Adjustment = new PolicyAdjustment
            {
                Limit = -1,
                QueueCapacity = 5,
                AdaptiveMin = 1,
                Paused = true,
                Destinations = [new DestinationAdjustment("one", 1, false)],
                Priorities = [new PriorityAdjustment("urgent", 10), new PriorityAdjustment("normal", 101)],
            },
        });
        answer.IsAccepted.ShouldBeFalse();
        answer.Errors.Select(error => error.Split(':')[0]).ShouldBe(
            ["queueCapacity", "limit", "destinations.one", "priorities.urgent", "priorities.normal.share", "adaptiveMin"], ignoreOrder: true);
        cluster.Ledger.PolicyPending.ShouldBeFalse();
        cluster.Ledger.Describe().IsPaused.ShouldBeFalse();
    }

    [Fact]
    public void One_that_is_meant_for_another_version_changes_nothing()
    {
        var cluster = new MiniCluster(Refuses);
        Adjust(cluster, new PolicyAdjustment { Limit = 1 });
        var answer = cluster.Ledger.Adjust(new AdjustmentRequest { ExpectedVersion = 1, Adjustment = new PolicyAdjustment { Limit = 9 }, By = "eve" });
        answer.IsStale.ShouldBeTrue();
        answer.Version.ShouldBe(2);
        cluster.Ledger.Policy!.Limit.ShouldBe(1);
    }

    [Fact]
    public void It_is_in_force_only_once_it_is_stored()
    {
        var cluster = new MiniCluster(Refuses) { StorageWorks = false };
        cluster.Ledger.Adjust(new AdjustmentRequest { ExpectedVersion = 1, Adjustment = new PolicyAdjustment { Limit = 9 }, By = "eve" }).IsAccepted.ShouldBeTrue();
        cluster.Ledger.Policy!.Limit.ShouldBe(2);
        cluster.Ledger.Adjust(new AdjustmentRequest { ExpectedVersion = 1, Adjustment = PolicyAdjustment.None, By = "eve" }).IsStale.ShouldBeTrue();

        // A gateway's policy takes its place under the same version, and keeps it.
        cluster.Ledger.ApplyPolicy(Refuses with { RunTimeout = TimeSpan.FromSeconds(5) }).Version.ShouldBe(2);
        cluster.StorageWorks = true;
        cluster.Settle();
        cluster.Ledger.Policy.Limit.ShouldBe(9);
        cluster.Ledger.Policy.RunTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        cluster.Stored.Policy!.Limit.ShouldBe(2);
        cluster.Stored.PolicyHistory!.Select(change => change.By).ShouldBe(["eve", null]);
    }

    [Fact]
    public void Removed_it_leaves_what_is_configured()
    {
        var cluster = new MiniCluster(Refuses);
        Adjust(cluster, new PolicyAdjustment { Limit = 1, Paused = true });
        Adjust(cluster, PolicyAdjustment.None);
        cluster.Ledger.DescribePolicy().Adjustment.ShouldBeNull();
        cluster.Ledger.Policy.ShouldBe(Refuses);
        cluster.Stored.Adjustment.ShouldBeNull();
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_pause_refuses_where_nobody_waits_and_what_runs_ends_as_it_would()
    {
        var cluster = new MiniCluster(Refuses);
        var running = cluster.Acquire("a");
        Adjust(cluster, new PolicyAdjustment { Paused = true });
        var asked = cluster.Exchanges;
        for (var i = 0; i < 5; i++)
        {
            cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.Paused);
        }

        // By the notice, without asking.
        cluster.Exchanges.ShouldBeLessThanOrEqualTo(asked + 1);
        cluster.Release("a", running);
        cluster.Acquire("b").Refusal!.Reason.ShouldBe(RefusalReason.Paused);
        Adjust(cluster, PolicyAdjustment.None);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_pause_lets_wait_where_one_waits_and_its_end_serves_them()
    {
        var cluster = new MiniCluster(Waits);
        cluster.Release("a", cluster.Acquire("a"));
        Adjust(cluster, new PolicyAdjustment { Paused = true });
        var waiters = Enumerable.Range(0, 10).Select(_ => cluster.Wait("a")).ToList();
        cluster.Advance(TimeSpan.FromSeconds(30));
        waiters.ShouldAllBe(waiter => waiter.Result == null);
        var late = cluster.Acquire("a");
        late.Refusal!.Reason.ShouldBe(RefusalReason.Paused);
        var page = cluster.Ledger.Waiting(new WaitingQuery());
        TicketId.TryParse(page.Tickets[0].Ticket, out var ticket).ShouldBeTrue();
        cluster.Ledger.Explain(ticket).Waiting!.WaitsFor.ShouldBe(WaitsFor.Resumption);
        Adjust(cluster, PolicyAdjustment.None);
        waiters.Count(waiter => waiter.Result is { Answer: PoolAnswer.Admitted }).ShouldBe(4);
    }

    [Fact]
    public void A_pause_leaves_a_limit_that_finds_itself_where_it_is()
    {
        var cluster = new MiniCluster(Waits with { Limit = 50, Adaptive = new AdaptiveLimit { Min = 2, Initial = 8 } });
        Adjust(cluster, new PolicyAdjustment { Paused = true });
        _ = Enumerable.Range(0, 10).Select(_ => cluster.Wait("a")).ToList();
        cluster.Advance(TimeSpan.FromSeconds(20));
        cluster.Ledger.Describe().Occupancy.Limit.ShouldBe(0);
        cluster.Ledger.Describe().Adaptive!.Found.ShouldBe(8);
        Adjust(cluster, PolicyAdjustment.None);
        cluster.Ledger.Describe().Occupancy.Limit.ShouldBe(8);
    }

    [Fact]
    public void A_drained_destination_gets_nothing_and_the_others_go_on()
    {
        var cluster = new MiniCluster(Spread);
        var running = Enumerable.Range(0, 4).Select(_ => cluster.Acquire("a")).ToList();
        Adjust(cluster, new PolicyAdjustment { Destinations = [new DestinationAdjustment("TWO", null, IsDrained: true)] });
        var waiters = Enumerable.Range(0, 4).Select(_ => cluster.Wait("a")).ToList();
        foreach (var permit in running)
        {
            cluster.Release("a", permit);
        }

        var served = waiters.Where(waiter => waiter.Result is { Answer: PoolAnswer.Admitted }).ToList();
        served.Count.ShouldBe(2);
        served.ShouldAllBe(waiter => waiter.Result!.Value.Permit.Destination == "one");
        cluster.Ledger.Policy!.TotalLimit.ShouldBe(2);
        Adjust(cluster, PolicyAdjustment.None);
        waiters.ShouldAllBe(waiter => waiter.Result != null);
    }

    [Fact]
    public void A_limit_below_the_least_of_one_that_finds_itself_takes_that_along()
    {
        var policy = Waits with { Limit = 50, Adaptive = new AdaptiveLimit { Min = 10, Initial = 20 } };
        var adjusted = new AdjustedPolicy(policy, new PolicyAdjustment { Limit = 5 });
        adjusted.Mistakes.ShouldBeEmpty();
        BackendPolicyRules.Validate(adjusted.InForce).ShouldBeEmpty();
        adjusted.InForce.Adaptive.ShouldBe(new AdaptiveLimit { Min = 5, Initial = 5 });
        new AdjustedPolicy(policy, new PolicyAdjustment { Limit = 5, AdaptiveMin = 6 }).Mistakes.Single().ShouldBe(
            "adaptiveMin: 6 is not possible. Give a whole number from 1 to 5, where the limit's maximum is.");
        new AdjustedPolicy(policy, new PolicyAdjustment { AdaptiveMin = 30 }).InForce.Adaptive.ShouldBe(new AdaptiveLimit { Min = 30, Initial = 30 });
    }

    [Fact]
    public void Shares_of_priorities_are_adjusted_by_name_also_where_none_are_configured()
    {
        var adjusted = new AdjustedPolicy(Waits, new PolicyAdjustment { Priorities = [new PriorityAdjustment("Background", 25)] });
        adjusted.Mistakes.ShouldBeEmpty();
        adjusted.InForce.Order!.ShareOf(Priorities.Background).ShouldBe(25);
        adjusted.InForce.Order.Named().Length.ShouldBe(3);
    }

    [Fact]
    public void The_history_keeps_the_last_hundred_changes()
    {
        var cluster = new MiniCluster(Refuses);
        for (var i = 0; i < 120; i++)
        {
            Adjust(cluster, new PolicyAdjustment { Limit = 10 + i });
        }

        var history = cluster.Ledger.DescribePolicy().History;
        history.Length.ShouldBe(PolicyChange.MostKept);
        history[0].Version.ShouldBe(121);
        history[0].Fields.ShouldBe([new FieldChange("limit", "128", "129")]);
        history[^1].Version.ShouldBe(22);
        cluster.Stored.PolicyHistory!.Length.ShouldBe(PolicyChange.MostKept);
    }

    [Fact]
    public void A_change_is_told_in_few_words_whatever_it_is()
    {
        var many = Refuses with { Limit = null, Destinations = [.. Enumerable.Range(0, 1_000).Select(i => new DestinationLimit($"d{i}{new string('x', 300)}", 1))] };
        var cluster = new MiniCluster(Refuses);
        cluster.Apply(many).Errors.ShouldBeEmpty();
        var change = cluster.Ledger.DescribePolicy().History[0];
        change.Fields.Length.ShouldBe(PolicyChange.MostFields);
        change.More.ShouldBeGreaterThan(900);
        change.Fields.ShouldAllBe(field => field.Field.Length <= 100);
    }

    [Fact]
    public void Tells_who_waits_a_page_at_a_time()
    {
        var cluster = new MiniCluster(Waits with { Limit = 1, QueueCapacity = 100 });
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        for (var i = 0; i < 30; i++)
        {
            cluster.Wait(i % 2 == 0 ? "a" : "b", new AdmissionRequest { Weight = 1, Priority = Priorities.Normal, Tenant = i < 20 ? "big" : "small" });
        }

        var first = cluster.Ledger.Waiting(new WaitingQuery { Count = 12 });
        var second = cluster.Ledger.Waiting(new WaitingQuery { Count = 200, After = first.Tickets[^1].Arrival });
        first.Total.ShouldBe(30);
        (first.Tickets.Length + second.Tickets.Length).ShouldBe(30);
        first.Tickets.Concat(second.Tickets).Select(ticket => ticket.Arrival).ShouldBeInOrder(SortDirection.Ascending);
        first.Tickets.Select(ticket => ticket.Ticket).ShouldBeUnique();
        first.Groups.Select(group => (group.Tenant, group.Count)).ShouldBe([("big", 20), ("small", 10)]);
        second.Groups.ShouldBeEmpty();
        var small = cluster.Ledger.Waiting(new WaitingQuery { Tenant = "small" });
        (small.Found, small.Total).ShouldBe((10, 30));
        small.Tickets.ShouldAllBe(ticket => ticket.Tenant == "small");
    }

    private static void Adjust(MiniCluster cluster, PolicyAdjustment adjustment)
    {
        var answer = cluster.Ledger.Adjust(
            new AdjustmentRequest { ExpectedVersion = cluster.Ledger.PolicyVersion, Adjustment = adjustment, By = "eve" }, DateTimeOffset.UnixEpoch);
        answer.Errors.ShouldBeEmpty();
        answer.IsStale.ShouldBeFalse();
        cluster.Settle();
        cluster.Ledger.PolicyVersion.ShouldBe(answer.Version);
    }
}
