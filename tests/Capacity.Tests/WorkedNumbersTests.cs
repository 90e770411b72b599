namespace Admission.Capacity.Tests;

/// <summary>The numbers of docs/algorithms.md.</summary>
public class WorkedNumbersTests
{
    private static readonly BackendPolicy Wait = new()
    {
        Limit = 8, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromMinutes(1), RunTimeout = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public void Booking()
    {
        var ledger = new DirectLedger(Wait);
        ledger.Report(held: 0, tickets: 3);
        ledger.Report(held: 3, inUse: 3, applied: 3).ShouldBe(3);
        ledger.Report(held: 3, inUse: 3, applied: 3, tickets: 2).ShouldBe(5);
        ledger.Report(held: 3, inUse: 3, applied: 3).ShouldBe(5);
        ledger.LastReply.Decisions.Length.ShouldBe(2, "what was not applied is sent again");
        ledger.Report(held: 5, inUse: 5, applied: 5).ShouldBe(5);
        var late = ledger.LastReport;
        ledger.Report(held: 1, inUse: 1, applied: 5).ShouldBe(1);
        ledger.Deliver(late).ShouldBe(1);
    }

    [Theory]
    [InlineData(10, 9, 11)]
    [InlineData(1, 0.9, 1.1)]
    public void Lease(double ttl, double holder, double ledger)
    {
        LeaseTimes.AtHolder(TimeSpan.FromSeconds(ttl)).ShouldBe(TimeSpan.FromSeconds(holder));
        LeaseTimes.AtLedger(TimeSpan.FromSeconds(ttl)).ShouldBe(TimeSpan.FromSeconds(ledger));
    }

    [Fact]
    public void Lease_with_clocks_that_run_one_percent_apart()
    {
        var atLedger = LeaseTimes.AtHolder(TimeSpan.FromSeconds(10)) * 1.01;
        atLedger.ShouldBeLessThan(TimeSpan.FromSeconds(9.1));
        (LeaseTimes.AtLedger(TimeSpan.FromSeconds(10)) - atLedger).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public void Heavy_ticket_lets_permits_wait_for_it()
    {
        var cluster = new MiniCluster(Wait);
        var running = Enumerable.Range(0, 8).Select(_ => cluster.Acquire("a")).ToList();
        var heavy = cluster.Wait("b", new AdmissionRequest { Weight = 4 });
        var light = cluster.Wait("b");
        var idle = TimeSpan.Zero;
        for (var turn = 0; turn < 4; turn++)
        {
            heavy.Answer.ShouldBe(PoolAnswer.Waiting);
            cluster.Advance(TimeSpan.FromMilliseconds(6.25));
            idle += TimeSpan.FromMilliseconds(6.25) * (8 - cluster.Ledger.Describe().Destinations.Sum(destination => destination.Booked));
            cluster.Release("a", running[turn]);
        }

        heavy.Answer.ShouldBe(PoolAnswer.Admitted);
        light.Answer.ShouldBe(PoolAnswer.Waiting);
        idle.ShouldBe(TimeSpan.FromMilliseconds(37.5), "three, two and one turn of 6.25 ms");
    }

    [Fact]
    public void Credit_of_one_tenant_is_400_ms_of_a_backend_of_8_and_50_ms() =>
        (QueueOrder.DefaultTenantBurst * TimeSpan.FromMilliseconds(50) / 8).ShouldBe(TimeSpan.FromMilliseconds(400));

    [Fact]
    public void Quarantine_of_a_lost_holder()
    {
        var ledger = new DirectLedger(Wait);
        ledger.Report(held: 0, tickets: 8);
        ledger.Pass(TimeSpan.FromSeconds(31.35));
        ledger.Booked.ShouldBe(8);
        ledger.Pass(TimeSpan.FromSeconds(0.1));
        ledger.Booked.ShouldBe(0);
    }

    [Fact]
    public void Recovery()
    {
        var state = new LedgerState
        {
            Policy = Wait, PolicyVersion = 1, Epoch = 3, Lives = [new StoredLife("gone", 1)],
            AuthorityTtl = TimeSpan.FromSeconds(10), LongestLease = TimeSpan.FromSeconds(11), LongestQuarantine = TimeSpan.FromSeconds(20),
        };
        var ledger = new DirectLedger(state);
        ledger.Pass(TimeSpan.FromSeconds(41.8));
        ledger.Status.ShouldBe(LedgerStatus.Recovering);
        ledger.Pass(TimeSpan.FromSeconds(0.1));
        ledger.Status.ShouldBe(LedgerStatus.Granting);
    }

    [Fact]
    public void Recovery_of_a_sole_owner_waits_for_the_quarantine_alone()
    {
        var state = new LedgerState
        {
            Policy = Wait, PolicyVersion = 1, Epoch = 3, Lives = [new StoredLife("gone", 1)], SoleOwner = "former run",
            AuthorityTtl = TimeSpan.FromSeconds(10), LongestLease = TimeSpan.FromSeconds(11), LongestQuarantine = TimeSpan.FromSeconds(20),
        };
        var ledger = new DirectLedger(state, new LedgerOptions { SoleOwner = "this run" });
        ledger.Pass(TimeSpan.FromSeconds(20.35));
        ledger.Status.ShouldBe(LedgerStatus.Recovering);
        ledger.Pass(TimeSpan.FromSeconds(0.1));
        ledger.Status.ShouldBe(LedgerStatus.Granting);

        var reactivated = new DirectLedger(state, new LedgerOptions { SoleOwner = "former run" });
        reactivated.Pass(TimeSpan.FromSeconds(41.8));
        reactivated.Status.ShouldBe(LedgerStatus.Recovering, "the holders of this run may live");
    }

    [Theory]
    [InlineData(100, 10, 0, 16, 0)]
    [InlineData(100, 10, 30, 16, 46)]
    [InlineData(16, 10, 30, 4, 12)]
    [InlineData(1, 1, 1, 0, 0)]
    public void Headroom(int limit, int demandOfA, int demandOfB, int allowanceOfA, int allowanceOfB)
    {
        var ledger = new DirectLedger(Wait with { Limit = limit });
        ledger.Report(holder: "a", held: 0, demand: demandOfA);
        ledger.Report(holder: "b", held: 0, demand: demandOfB);
        ledger.LastReply.Allowance.ShouldBe(allowanceOfB);
        ledger.Report(holder: "a", held: 0, demand: demandOfA);
        ledger.LastReply.Allowance.ShouldBe(allowanceOfA);
    }

    [Theory]
    [InlineData(0, 0, 3, 10)]
    [InlineData(6, 8, 6, 10)]
    [InlineData(6, 10, 3, 10)]
    public void Headroom_with_a_reserve(int heldByA, int heldByB, int allowanceOfA, int allowanceOfB)
    {
        var ledger = new DirectLedger(Wait with { Limit = 16 });
        foreach (var holder in (string[])["a", "b", "c", "d", "e", "f", "g", "h"])
        {
            ledger.Report(holder: holder, held: 0);
        }

        Report("a", heldByA, demand: 10);
        Report("b", heldByB, demand: 30);
        Report("a", heldByA, demand: 10).ShouldBe(allowanceOfA);
        Report("b", heldByB, demand: 30).ShouldBe(allowanceOfB);

        int Report(string holder, int held, int demand)
        {
            ledger.Report(held, inUse: held, applied: 100, demand: demand, holder: holder);
            return ledger.LastReply.Allowance;
        }
    }

    [Fact]
    public void Demand_counts_what_was_refused_by_Littles_law()
    {
        var second = TimeSpan.TicksPerSecond;
        var demand = new PoolDemand(second, 0);
        for (var i = 0; i < 200; i++)
        {
            demand.Refused();
        }

        demand.Measure(second, 0, 0.05 * second).ShouldBe(10);
    }

    [Theory]
    [InlineData(8, 0.05, 0.025, 0.05)]
    [InlineData(1, 0.2, 0.8, 1.6)]
    [InlineData(4, 10, 10, 20)]
    public void Drain_rate(int limit, double meanUse, double waitAtPlaceFour, double retryAfterWithSevenWaiting)
    {
        var ledger = new DirectLedger(Wait with { Limit = limit });
        ledger.Report(held: 0, tickets: limit);
        ledger.Report(held: limit, inUse: limit, applied: limit, tickets: 7, work: new WorkTotals(100, 100, TimeSpan.FromSeconds(meanUse * 100)));
        var fourth = ledger.LastReply.Positions.Single(position => position.Position == 4);
        fourth.Ticket.ShouldBe(limit + 4);
        fourth.ExpectedWait.TotalSeconds.ShouldBe(waitAtPlaceFour, 1e-6);
        ledger.LastReply.Occupancy.RetryAfter.TotalSeconds.ShouldBe(retryAfterWithSevenWaiting, 1e-6);
    }

    [Theory]
    [InlineData(8, 0.05, 0.01)]
    [InlineData(4, 10, 1)]
    [InlineData(1, 0.2, 0.2)]
    [InlineData(8, 0, 0.01)]
    public void Saturation_notice(int limit, double meanUse, double seconds)
    {
        var ledger = new DirectLedger(new BackendPolicy { Limit = limit });
        ledger.Report(held: 0, tickets: limit);
        var measured = meanUse > 0 ? new WorkTotals(100, 100, TimeSpan.FromSeconds(meanUse * 100)) : default;
        ledger.Report(held: limit, inUse: limit, applied: limit, tickets: 1, work: measured);
        ledger.LastReply.Decisions.Single().Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        ledger.LastReply.SaturatedFor.TotalSeconds.ShouldBe(seconds, 1e-6);
    }
}
