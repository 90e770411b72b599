namespace Admission.Capacity.Tests;

/// <summary>Destinations that fail, over a whole cluster: withheld, tried with one request, and brought back. docs/algorithms.md has the numbers.</summary>
public class EjectionTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private static readonly BackendPolicy Two = new()
    {
        Destinations = [new("d1", 4), new("d2", 4)], Overflow = Overflow.Wait, QueueCapacity = 20, RunTimeout = TimeSpan.FromSeconds(20), SlowStart = TimeSpan.Zero,
    };

    private static readonly BackendPolicy One = new() { Limit = 4, RunTimeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public void Three_failures_in_a_row_withhold_a_destination_from_everybody()
    {
        var cluster = new MiniCluster(Two);
        Fail(cluster, "a", "d1", 2);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);
        Fail(cluster, "a", "d1", 1);

        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.Withheld);
        State(cluster, "d1").Open.ShouldBe(0);
        State(cluster, "d1").Booked.ShouldBe(0, "idle permits went back");
        State(cluster, "d2").Condition.ShouldBe(DestinationCondition.InService);
        var admitted = Enumerable.Range(0, 4).Select(i => cluster.Acquire($"h{i % 2}")).ToList();
        admitted.ShouldAllBe(result => result.Answer == PoolAnswer.Admitted && result.Permit.Destination == "d2");
        cluster.Ledger.Describe().Occupancy.Limit.ShouldBe(4, "what is withheld is not there");
        cluster.Wait("a").Answer.ShouldBe(PoolAnswer.Waiting, "the other destination is full");
    }

    [Fact]
    public void A_success_between_failures_begins_the_count_anew()
    {
        var cluster = new MiniCluster(Two);
        Fail(cluster, "a", "d1", 2);
        Use(cluster, "a", "d1", RunOutcome.Served);
        Fail(cluster, "a", "d1", 2);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);
    }

    [Fact]
    public void The_failures_of_several_holders_count_together()
    {
        var cluster = new MiniCluster(Two);
        Fail(cluster, "a", "d1", 1);
        Fail(cluster, "b", "d1", 1);
        Fail(cluster, "c", "d1", 1);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.Withheld);
    }

    [Fact]
    public void One_holders_broken_network_ejects_nothing_where_others_are_served()
    {
        var cluster = new MiniCluster(Two);
        for (var i = 0; i < 10; i++)
        {
            Use(cluster, "b", "d1", RunOutcome.Served);
            Fail(cluster, "a", "d1", 1);
            cluster.Advance(TimeSpan.FromMilliseconds(300));
            State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);
        }

        // b is not heard of for longer than it vouches: then only failures are known.
        cluster.Kill("b");
        cluster.Advance(TimeSpan.FromSeconds(5));
        Fail(cluster, "a", "d1", 1);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.Withheld);
    }

    [Fact]
    public void Who_vouched_and_then_fails_too_vouches_no_more()
    {
        var cluster = new MiniCluster(Two);
        Use(cluster, "b", "d1", RunOutcome.Served);
        Fail(cluster, "a", "d1", 5);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);
        Fail(cluster, "b", "d1", 1);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.Withheld);
    }

    [Fact]
    public void After_the_pause_one_request_tries_it_and_decides()
    {
        var cluster = new MiniCluster(Two);
        Fail(cluster, "a", "d1", 3);
        var busy = Enumerable.Range(0, 4).Select(_ => cluster.Acquire("a")).ToList();
        var waiting = Enumerable.Range(0, 4).Select(i => cluster.Wait($"h{i}")).ToList();
        cluster.Advance(TimeSpan.FromMilliseconds(450));
        waiting.ShouldAllBe(waiter => waiter.Answer == PoolAnswer.Waiting);

        cluster.Advance(Moment);
        waiting.Count(waiter => waiter.Answer == PoolAnswer.Admitted).ShouldBe(1, "the trial");
        waiting[0].Result!.Value.Permit.Destination.ShouldBe("d1");
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.Trial);
        cluster.Advance(TimeSpan.FromSeconds(5));
        waiting.Count(waiter => waiter.Answer == PoolAnswer.Admitted).ShouldBe(1, "no second one");

        cluster.Release("h0", waiting[0].Result!.Value);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);
        waiting.ShouldAllBe(waiter => waiter.Answer == PoolAnswer.Admitted);
        cluster.Ledger.TakeDestinationChanges().Select(change => change.To).ShouldBe(
            [DestinationCondition.Withheld, DestinationCondition.Trial, DestinationCondition.InService]);
        busy.ForEach(result => cluster.Release("a", result));
    }

    [Fact]
    public void The_trial_finds_a_request_while_others_serve_without_a_message()
    {
        var cluster = new MiniCluster(Two);
        Fail(cluster, "a", "d1", 3);
        var tried = Outcomes(cluster, TimeSpan.FromSeconds(5), RunOutcome.Served);
        tried.ShouldBe(1, "the trial, then it is back in service");
    }

    [Fact]
    public void Each_failed_trial_doubles_the_pause_up_to_the_longest()
    {
        var cluster = new MiniCluster(Two with { Ejection = new EjectionPolicy { LongestPause = TimeSpan.FromSeconds(3) } });
        Fail(cluster, "a", "d1", 3);
        var pauses = new List<double> { State(cluster, "d1").Left!.Value.TotalSeconds };
        for (var i = 0; i < 4; i++)
        {
            Outcomes(cluster, State(cluster, "d1").Left!.Value + TimeSpan.FromMilliseconds(10), RunOutcome.ConnectFailed, stopAfterTrial: true).ShouldBe(1);
            pauses.Add(State(cluster, "d1").Left!.Value.TotalSeconds);
        }

        pauses.ShouldBe([0.5, 1, 2, 3, 3], 1e-3);
    }

    [Fact]
    public void The_pause_of_the_only_destination_does_not_grow()
    {
        var cluster = new MiniCluster(One);
        Fail(cluster, "a", "", 3);
        for (var i = 0; i < 4; i++)
        {
            State(cluster, "").Left.ShouldBe(TimeSpan.FromMilliseconds(500));
            cluster.Acquire("b").Refusal!.Reason.ShouldBe(RefusalReason.NoDestination);
            cluster.Advance(TimeSpan.FromMilliseconds(500));
            cluster.Release("b", cluster.Acquire("b"), RunOutcome.ConnectFailed);
        }
    }

    [Theory]
    [InlineData(RunOutcome.TimedOut)]
    [InlineData(RunOutcome.Broken)]
    public void The_only_destination_is_withheld_for_failed_connects_alone(RunOutcome outcome)
    {
        var cluster = new MiniCluster(One);
        Fail(cluster, "a", "", 10, outcome);
        State(cluster, "").Condition.ShouldBe(DestinationCondition.InService);
    }

    [Fact]
    public void Without_a_destination_in_service_requests_are_refused_until_the_trial()
    {
        var cluster = new MiniCluster(One with { Overflow = Overflow.Wait, QueueCapacity = 10 });
        Fail(cluster, "a", "", 3);
        var refused = cluster.Acquire("b");
        refused.Refusal!.Reason.ShouldBe(RefusalReason.NoDestination);
        refused.Refusal.Occupancy.Limit.ShouldBe(0);
        refused.Refusal.Occupancy.RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(500));
        var before = cluster.Exchanges;
        for (var i = 0; i < 100; i++)
        {
            cluster.Acquire("b").Refusal!.Reason.ShouldBe(RefusalReason.NoDestination);
        }

        cluster.Exchanges.ShouldBe(before, "a storm of them costs no message");
        cluster.Advance(TimeSpan.FromMilliseconds(500));
        var trial = cluster.Acquire("b");
        trial.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("c").Refusal!.Reason.ShouldBe(RefusalReason.NoDestination);
        cluster.Release("b", trial);
        var after = Enumerable.Range(0, 4).Select(i => cluster.Acquire($"h{i}")).ToList();
        after.ShouldAllBe(result => result.Answer == PoolAnswer.Admitted, "all permits are back at once");
    }

    [Fact]
    public void A_trial_whose_client_leaves_says_nothing()
    {
        var cluster = new MiniCluster(One);
        Fail(cluster, "a", "", 3);
        cluster.Advance(TimeSpan.FromMilliseconds(500));
        cluster.Release("b", cluster.Acquire("b"), RunOutcome.Unknown);
        State(cluster, "").Condition.ShouldBe(DestinationCondition.Withheld);
        State(cluster, "").Left.ShouldBe(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void A_trial_of_a_lost_holder_ends_with_its_quarantine()
    {
        var cluster = new MiniCluster(One);
        Fail(cluster, "a", "", 3);
        cluster.Advance(TimeSpan.FromMilliseconds(500));
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Kill("b");

        // 11 s of lease and grace, 20 s and 2 % of quarantine.
        cluster.Advance(TimeSpan.FromSeconds(31.3));
        State(cluster, "").Condition.ShouldBe(DestinationCondition.Trial);
        cluster.Advance(TimeSpan.FromSeconds(0.2));
        State(cluster, "").Condition.ShouldBe(DestinationCondition.Withheld);
        cluster.Advance(TimeSpan.FromSeconds(0.5));
        cluster.Release("c", cluster.Acquire("c"));
        State(cluster, "").Condition.ShouldBe(DestinationCondition.InService);
    }

    [Fact]
    public void What_was_sent_before_it_was_withheld_says_nothing_afterwards()
    {
        var cluster = new MiniCluster(Two);
        var all = Enumerable.Range(0, 8).Select(_ => cluster.Acquire("a")).ToList();
        var old = all.Where(result => result.Permit.Destination == "d1").Take(3).ToList();
        all.Except(old).ToList().ForEach(result => cluster.Release("a", result, RunOutcome.Unknown));
        Fail(cluster, "a", "d1", 3);
        Outcomes(cluster, TimeSpan.FromSeconds(1), RunOutcome.Served, stopAfterTrial: true).ShouldBe(1);
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);

        old.ToList().ForEach(result => cluster.Release("a", result, RunOutcome.TimedOut));
        State(cluster, "d1").Condition.ShouldBe(DestinationCondition.InService);
    }

    [Fact]
    public void A_hand_over_keeps_what_is_withheld_and_the_trial_under_way()
    {
        var cluster = new MiniCluster(One);
        Fail(cluster, "a", "", 3);
        cluster.HandOver();
        State(cluster, "").Condition.ShouldBe(DestinationCondition.Withheld);
        cluster.Settle();
        cluster.Acquire("b").Refusal!.Reason.ShouldBe(RefusalReason.NoDestination);
        cluster.Advance(TimeSpan.FromMilliseconds(500));
        var trial = cluster.Acquire("b");
        trial.Answer.ShouldBe(PoolAnswer.Admitted);

        cluster.HandOver();
        cluster.Settle();
        State(cluster, "").Condition.ShouldBe(DestinationCondition.Trial);
        cluster.Acquire("c").Refusal!.Reason.ShouldBe(RefusalReason.NoDestination);
        cluster.Release("b", trial);
        State(cluster, "").Condition.ShouldBe(DestinationCondition.InService);
    }

    [Fact]
    public void A_lost_recall_is_sent_again()
    {
        var cluster = new MiniCluster(Two);
        Use(cluster, "b", "d1", RunOutcome.Unknown);
        cluster.Pool("b").Idle.ShouldBeGreaterThan(0);
        cluster.PushesToLose = 2;
        Fail(cluster, "a", "d1", 3);
        cluster.Advance(TimeSpan.FromMilliseconds(450));
        State(cluster, "d1").Booked.ShouldBe(0);
    }

    [Fact]
    public void A_detached_pool_leaves_alone_what_it_saw_failing()
    {
        var cluster = new MiniCluster(Two);
        var running = Enumerable.Range(0, 8).Select(_ => cluster.Acquire("a")).ToList();
        cluster.CutOff.Add("a");
        cluster.Wait("a");
        var reports = cluster.Pool("a").BeginExchange();
        reports.ShouldNotBeNull();
        cluster.Pool("a").EndExchange(null);
        cluster.Pool("a").IsDetached.ShouldBeTrue();
        foreach (var result in running)
        {
            cluster.Release("a", result, result.Permit.Destination == "d1" ? RunOutcome.ConnectFailed : RunOutcome.Served);
        }

        for (var i = 0; i < 10; i++)
        {
            var next = cluster.Acquire("a");
            next.Permit.Destination.ShouldBe("d2");
            cluster.Release("a", next);
        }
    }

    [Fact]
    public void Switched_off_nothing_is_withheld()
    {
        var off = new EjectionPolicy { Enabled = false };
        var cluster = new MiniCluster(One with { Ejection = off });
        Fail(cluster, "a", "", 20);
        State(cluster, "").Condition.ShouldBe(DestinationCondition.InService);

        var changed = new MiniCluster(One);
        Fail(changed, "a", "", 3);
        changed.Apply(One with { Ejection = off });
        State(changed, "").Condition.ShouldBe(DestinationCondition.InService);
        changed.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void Bad_settings_are_named()
    {
        BackendPolicyRules.Validate(One with { Ejection = new EjectionPolicy { Failures = 0, ShortestPause = TimeSpan.Zero }, SlowStart = TimeSpan.FromHours(2) }).ShouldBe(
            [
                "Ejection:Failures: 0 is not possible. Give a whole number from 1 to 1000.",
                "Ejection:ShortestPause: 00:00:00 is not possible. Give a duration from 00:00:00.0100000 to 01:00:00.",
                "SlowStart: 02:00:00 is not possible. Give a duration from 00:00:00 to 01:00:00.",
            ]);
        BackendPolicyRules.Validate(One with { Ejection = new EjectionPolicy { ShortestPause = TimeSpan.FromMinutes(2) } }).ShouldBe(
            ["Ejection:LongestPause: 00:01:00 is not possible. Give a duration from 00:02:00 to 1.00:00:00."]);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 10)]
    public void Slow_start_is_for_backends_with_several_destinations(int destinations, int seconds)
    {
        var policy = new BackendPolicy { Destinations = [.. Enumerable.Range(1, destinations).Select(i => new DestinationLimit($"d{i}", 4))] };
        policy.EffectiveSlowStart.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    internal static DestinationDescription State(MiniCluster cluster, string destination) =>
        cluster.Ledger.Describe().Destinations.Single(each => each.Destination == destination);

    /// <summary>Lets requests of a holder fail at a destination, one after the other; those that get to another one end without a word.</summary>
    internal static void Fail(MiniCluster cluster, string holder, string destination, int times, RunOutcome outcome = RunOutcome.ConnectFailed)
    {
        for (var i = 0; i < times; i++)
        {
            Use(cluster, holder, destination, outcome);
        }
    }

    internal static void Use(MiniCluster cluster, string holder, string destination, RunOutcome outcome)
    {
        var elsewhere = new List<PoolResult>();
        var result = cluster.Acquire(holder);
        for (; result.Permit.Destination != destination; result = cluster.Acquire(holder))
        {
            result.Answer.ShouldBe(PoolAnswer.Admitted, $"no request of '{holder}' gets to '{destination}'");
            elsewhere.Add(result);
        }

        cluster.Release(holder, result, outcome);
        elsewhere.ForEach(other => cluster.Release(holder, other, RunOutcome.Unknown));
    }

    /// <summary>Lets requests of one holder run, one every 10 ms. Answers how many got to d1 while it was not in service.</summary>
    private static int Outcomes(MiniCluster cluster, TimeSpan time, RunOutcome outcome, bool stopAfterTrial = false)
    {
        var tried = 0;
        for (var step = TimeSpan.FromMilliseconds(10); time > -step; time -= step)
        {
            cluster.Advance(step);
            var result = cluster.Acquire("a");
            var isTrial = result.Permit.Destination == "d1" && State(cluster, "d1").Condition == DestinationCondition.Trial;
            tried += isTrial ? 1 : 0;
            cluster.Release("a", result, isTrial ? outcome : RunOutcome.Served);
            if (isTrial && stopAfterTrial)
            {
                break;
            }
        }

        return tried;
    }
}
