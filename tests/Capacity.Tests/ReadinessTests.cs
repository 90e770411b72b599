namespace Admission.Capacity.Tests;

/// <summary>What one more request would meet, from what a pool knows by itself.</summary>
public class ReadinessTests
{
    private static readonly BackendPolicy Wait = new()
    {
        Limit = 2, LeaseTtl = TimeSpan.FromSeconds(10), RunTimeout = TimeSpan.FromSeconds(20), Overflow = Overflow.Wait, QueueCapacity = 1, MaxWait = TimeSpan.FromMinutes(5), IgnoresPatience = true,
    };

    private static readonly BackendPolicy Refuse = Wait with { Overflow = Overflow.Refuse };

    [Fact]
    public void Who_has_heard_nothing_yet_does_not_know_and_lets_them_come()
    {
        var cluster = new MiniCluster(Wait);
        cluster.CutOff.Add("a");

        var ready = cluster.Pool("a").Readiness;

        ready.IsReady.ShouldBeTrue();
        ready.Room.ShouldBeNull();
        ready.Age.ShouldBeNull();
    }

    [Fact]
    public void It_counts_what_is_free_and_what_may_wait_and_says_when_nobody_may()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        Tell(cluster, ready: true, room: 1, places: 1);

        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Advance(TimeSpan.FromSeconds(4));
        Tell(cluster, ready: true, room: 0, places: 1);

        cluster.Wait("b").Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(4));
        Tell(cluster, ready: false, room: 0, places: 0);
        cluster.Pool("a").Readiness.Reason.ShouldBe(RefusalReason.QueueFull);
    }

    [Fact]
    public void Without_a_queue_a_full_backend_is_not_ready_until_a_permit_is_free()
    {
        var cluster = new MiniCluster(Refuse);
        var one = cluster.Acquire("a");
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Refused);
        cluster.Pool("a").Readiness.Reason.ShouldBe(RefusalReason.AtCapacity);

        cluster.Release("a", one);

        cluster.Pool("a").Readiness.IsReady.ShouldBeTrue();
        cluster.Pool("a").Readiness.Room.ShouldBe(1);
    }

    [Fact]
    public void Looking_asks_nobody_and_leaves_no_trace()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        var (exchanges, totals) = (cluster.Exchanges, cluster.Pool("a").Totals);
        for (var i = 0; i < 100; i++)
        {
            _ = cluster.Pool("a").Readiness;
        }

        cluster.Settle();

        cluster.Exchanges.ShouldBe(exchanges);
        cluster.Pool("a").Totals.Refused.ShouldBe(totals.Refused);
    }

    [Theory]
    [InlineData(Overflow.Wait)]
    [InlineData(Overflow.Refuse)]
    public void Who_would_wait_for_the_end_of_a_recovery_is_told_not_to_come(Overflow overflow)
    {
        var cluster = new MiniCluster(Wait with { Overflow = overflow });
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.CutOff.Add("a");
        cluster.Activate();
        cluster.Wait("b");
        cluster.Advance(TimeSpan.FromSeconds(1));
        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.Recovering);
        cluster.Pool("b").Readiness.IsReady.ShouldBeTrue("a failover is no outage");

        cluster.Advance(TimeSpan.FromSeconds(4));
        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.Recovering);
        cluster.Pool("b").Readiness.Reason.ShouldBe(RefusalReason.Recovering);

        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(4));
        cluster.Pool("b").Readiness.IsReady.ShouldBeTrue();
    }

    [Fact]
    public void Whose_own_permits_come_back_is_ready_while_the_ledger_is_away()
    {
        var cluster = new MiniCluster(Wait);
        var one = cluster.Acquire("a");
        cluster.Lose("a");
        cluster.Time.Advance(TimeSpan.FromSeconds(3));
        cluster.Settle();

        cluster.Pool("a").State.IsDetached.ShouldBeTrue();
        cluster.Pool("a").Readiness.IsReady.ShouldBeTrue("it waits for that one");

        one.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Advance(TimeSpan.FromSeconds(10));
        cluster.Pool("a").Readiness.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
    }

    [Theory]
    [InlineData(Overflow.Wait)]
    [InlineData(Overflow.Refuse)]
    public void Whom_nobody_has_asked_since_its_ledger_went_away_comes_to_be_ready_by_itself(Overflow overflow)
    {
        var cluster = new MiniCluster(Wait with { Overflow = overflow });
        cluster.Release("a", cluster.Acquire("a"));
        Lose(cluster, TimeSpan.FromSeconds(30));
        cluster.Pool("a").Readiness.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
        cluster.Pool("a").State.IsCutOff.ShouldBeTrue();

        // Who is not ready gets no requests, and a pool without any stops asking for its ledger.
        Lose(cluster, TimeSpan.FromSeconds(60));
        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(20));

        cluster.Pool("a").Readiness.IsReady.ShouldBeTrue("nobody would ever ask it again");
        cluster.Pool("a").State.IsCutOff.ShouldBeFalse("nobody would ever ask its gateway again");
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void Who_is_asked_while_its_ledger_is_away_is_not_ready_for_as_long_as_that_lasts()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Release("a", cluster.Acquire("a"));
        for (var minutes = 0; minutes < 3; minutes++)
        {
            Lose(cluster, TimeSpan.FromSeconds(55));
            cluster.Pool("a").Readiness.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
            cluster.Pool("a").State.IsCutOff.ShouldBeTrue();
            cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
        }
    }

    [Fact]
    public void Who_leaves_is_not_ready()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Pool("a").Leave();

        cluster.Pool("a").Readiness.Reason.ShouldBe(RefusalReason.ShuttingDown);
    }

    /// <summary>So long nothing that it says arrives.</summary>
    private static void Lose(MiniCluster cluster, TimeSpan time)
    {
        for (var began = cluster.Time.GetTimestamp(); cluster.Time.GetElapsedTime(began) < time;)
        {
            cluster.Lose("a");
            cluster.Settle();
        }
    }

    private static void Tell(MiniCluster cluster, bool ready, int room, int places)
    {
        var told = cluster.Pool("a").Readiness;
        told.IsReady.ShouldBe(ready);
        told.Room.ShouldBe(room);
        told.Places.ShouldBe(places);
    }
}
