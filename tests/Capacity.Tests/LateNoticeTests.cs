namespace Admission.Capacity.Tests;

/// <summary>Refusing as too late costs no message either: the notice, whom it is for, and when it is taken back.</summary>
public class LateNoticeTests
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 8, Overflow = Overflow.Wait, QueueCapacity = 1_000, MaxWait = TimeSpan.FromSeconds(30),
    };

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    public void A_storm_of_requests_that_would_be_too_late_costs_one_exchange(int storm)
    {
        var cluster = Busy(OpenLoad.Ms(50));
        Impatient(cluster);
        var waiting = FillQueue(cluster);
        waiting.ShouldBe(22, "the places that docs/algorithms.md reckons for 200 ms");
        var before = cluster.Exchanges;
        for (var i = 0; i < storm; i++)
        {
            cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.TooLate);
        }

        (cluster.Exchanges - before).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void A_storm_over_a_second_costs_one_exchange_for_each_validity()
    {
        var cluster = Busy(OpenLoad.Ms(50));
        Impatient(cluster);
        FillQueue(cluster);
        var before = cluster.Exchanges;
        for (var millisecond = 0; millisecond < 1_000; millisecond++)
        {
            cluster.Time.Advance(OpenLoad.Ms(1));
            for (var i = 0; i < 20; i++)
            {
                cluster.Acquire("a");
            }
        }

        (cluster.Exchanges - before).ShouldBeLessThan(250, "20,000 requests; a notice lasts 10 ms, and heartbeats and 22 expiring tickets come to it");
    }

    [Fact]
    public void It_refuses_a_deadline_that_cannot_be_met_and_nobody_else()
    {
        var cluster = Busy(TimeSpan.FromSeconds(4));
        var hurried = new AdmissionRequest { MaxWait = TimeSpan.FromSeconds(8.2) };
        for (var i = 0; i < 16; i++)
        {
            cluster.Wait("a").Answer.ShouldBe(PoolAnswer.Waiting);
        }

        cluster.Acquire("a", hurried).Refusal!.Reason.ShouldBe(RefusalReason.DeadlineUnreachable, "seventeen permits take 8.5 s");
        var before = cluster.Exchanges;
        for (var i = 0; i < 1_000; i++)
        {
            cluster.Acquire("a", hurried).Refusal!.Reason.ShouldBe(RefusalReason.DeadlineUnreachable);
        }

        cluster.Exchanges.ShouldBe(before);
        cluster.Acquire("a", hurried with { Priority = Priorities.Background }).Refusal!.Reason.ShouldBe(RefusalReason.DeadlineUnreachable);
        cluster.Exchanges.ShouldBe(before, "whoever comes after all comes after these");
        cluster.Acquire("a", hurried with { Priority = Priorities.Critical }).Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Acquire("a", hurried with { Tenant = "other" }).Answer.ShouldBe(PoolAnswer.Waiting, "it has a burst credit, and so goes before some of the sixteen");
        cluster.Acquire("a", new AdmissionRequest { MaxWait = TimeSpan.FromSeconds(20) }).Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void It_is_taken_back_when_the_queue_gets_shorter_than_expected()
    {
        var cluster = Busy(TimeSpan.FromSeconds(4));
        var hurried = new AdmissionRequest { MaxWait = TimeSpan.FromSeconds(2) };
        var others = Enumerable.Range(0, 8).Select(_ => cluster.Wait("b")).ToList();
        cluster.Acquire("a", hurried).Refusal!.Reason.ShouldBe(RefusalReason.DeadlineUnreachable);
        cluster.Time.Advance(OpenLoad.Ms(20));
        foreach (var other in others.Skip(1))
        {
            cluster.GiveUp("b", other);
        }

        cluster.Acquire("a", hurried).Answer.ShouldBe(PoolAnswer.Waiting, "the notice was for half a second, and only one is before it now");
    }

    [Fact]
    public void The_wait_it_speaks_of_gets_shorter_with_time()
    {
        var cluster = Busy(TimeSpan.FromSeconds(4));
        var hurried = new AdmissionRequest { MaxWait = TimeSpan.FromSeconds(4.3) };
        for (var i = 0; i < 8; i++)
        {
            cluster.Wait("a");
        }

        cluster.Acquire("a", hurried).Refusal!.Reason.ShouldBe(RefusalReason.DeadlineUnreachable);
        cluster.Time.Advance(OpenLoad.Ms(300));
        cluster.Pool("a").TryAcquire(hurried, out _).ShouldBeFalse("4.5 s less 0.3 s is what it may wait, so the ledger is asked");
    }

    [Fact]
    public void Those_that_come_while_an_exchange_is_under_way_are_refused_by_its_answer()
    {
        var cluster = Busy(OpenLoad.Ms(50));
        Impatient(cluster);
        FillQueue(cluster);
        cluster.Time.Advance(OpenLoad.Ms(11));
        var pool = cluster.Pool("a");
        var first = Begin(pool, default);
        var report = pool.BeginExchange()!;
        report.Tickets.Length.ShouldBe(1);
        var (late, urgent) = (Enumerable.Range(0, 200).Select(_ => Begin(pool, default)).ToList(), Begin(pool, new AdmissionRequest { Priority = Priorities.Critical }));
        var effects = pool.EndExchange(cluster.Ledger.Receive(report));
        foreach (var (request, result) in effects.Decided!)
        {
            request.Decided(result);
        }

        first.Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.TooLate, "the ledger says so");
        late.ShouldAllBe(waiter => waiter.Result != null && waiter.Result.Value.Refusal!.Reason == RefusalReason.TooLate);
        urgent.Answer.ShouldBe(PoolAnswer.Waiting, "nobody said that it would be too late");
        pool.BeginExchange()!.Tickets.ShouldHaveSingleItem().Priority.ShouldBe(Priorities.Critical, "the others need not be asked for");
    }

    [Fact]
    public void Nothing_is_left_to_ask_when_the_answer_has_refused_them_all()
    {
        var cluster = Busy(OpenLoad.Ms(50));
        Impatient(cluster);
        FillQueue(cluster);
        cluster.Time.Advance(OpenLoad.Ms(11));
        var pool = cluster.Pool("a");
        _ = Begin(pool, default);
        var report = pool.BeginExchange()!;
        _ = Begin(pool, default);
        pool.EndExchange(cluster.Ledger.Receive(report)).WantsExchange.ShouldBeFalse();
        pool.BeginExchange().ShouldBeNull();
    }

    private static TestWaiter Begin(PermitPool pool, AdmissionRequest request)
    {
        var waiter = new TestWaiter();
        pool.Acquire(request, waiter, out _).Answer.ShouldBe(PoolAnswer.Waiting);
        return waiter;
    }

    /// <summary>Eight permits are in use, whose mean time is known.</summary>
    [Fact]
    public void A_refusal_by_the_notice_says_what_was_to_be_expected_and_since_when()
    {
        var cluster = Busy(OpenLoad.Ms(50));
        Impatient(cluster);
        FillQueue(cluster);
        cluster.Time.Advance(OpenLoad.Ms(3));
        var before = cluster.Exchanges;
        var refused = cluster.Ask("a");
        refused.Refusal!.Reason.ShouldBe(RefusalReason.TooLate);
        cluster.Exchanges.ShouldBe(before, "the pool decides by itself");

        var grounds = cluster.Pool("a").Explain(refused.Ticket)!.Record!.Grounds;
        grounds.LongestWait.ShouldNotBeNull();
        grounds.ExpectedWait!.Value.ShouldBeGreaterThan(grounds.LongestWait.Value);
        grounds.NoticeFor!.Value.ShouldBeInRange(OpenLoad.Ms(3), OpenLoad.Ms(10));
    }

    private static MiniCluster Busy(TimeSpan each)
    {
        var cluster = new MiniCluster(Policy);
        var first = Enumerable.Range(0, 8).Select(_ => cluster.Acquire("a")).ToList();
        cluster.Time.Advance(each);
        foreach (var admitted in first)
        {
            cluster.Release("a", admitted);
        }

        cluster.Settle();
        for (var i = 0; i < 8; i++)
        {
            cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        }

        cluster.Advance(TimeSpan.FromSeconds(4));
        return cluster;
    }

    /// <summary>Thirty clients of another pool leave after 200 ms.</summary>
    private static void Impatient(MiniCluster cluster)
    {
        var waiting = Enumerable.Range(0, 30).Select(_ => cluster.Wait("b")).ToList();
        cluster.Time.Advance(OpenLoad.Ms(200));
        foreach (var waiter in waiting)
        {
            cluster.GiveUp("b", waiter);
        }

        cluster.Advance(TimeSpan.FromSeconds(4));
    }

    private static int FillQueue(MiniCluster cluster)
    {
        for (var waiting = 0; waiting < 100; waiting++)
        {
            if (cluster.Wait("a").Answer != PoolAnswer.Waiting)
            {
                return waiting;
            }
        }

        return 100;
    }
}
