namespace Admission.Capacity.Tests;

/// <summary>What is said of refusals and long waits, through ledger and pools.</summary>
public class ExplainTests
{
    private static readonly BackendPolicy Refuse = new() { Limit = 2, RunTimeout = TimeSpan.FromSeconds(20) };

    private static readonly BackendPolicy Wait = Refuse with { Overflow = Overflow.Wait, QueueCapacity = 3, MaxWait = TimeSpan.FromMinutes(1) };

    [Fact]
    public void A_refusal_for_want_of_capacity_says_how_full_it_was_and_since_when()
    {
        var cluster = Busy(Refuse);
        cluster.Acquire("b");
        cluster.Advance(TimeSpan.FromSeconds(2));
        var refused = cluster.Ask("c");

        var record = Recorded(cluster, refused);
        record.ShouldSatisfyAllConditions(
            () => record.Reason.ShouldBe(RefusalReason.AtCapacity),
            () => record.Outcome.ShouldBe(DecisionOutcome.Refused),
            () => record.ByHolder.ShouldBeFalse(),
            () => record.Holder.ShouldBe("c"),
            () => (record.Priority, record.Weight, record.Tenant).ShouldBe((Priorities.Normal, 1, null)),
            () => record.Grounds.Occupancy.ShouldBe(refused.Refusal!.Occupancy),
            () => (record.Grounds.Occupancy.Limit, record.Grounds.Occupancy.InUse).ShouldBe((2, 2)),
            () => (record.Grounds.AheadHigher, record.Grounds.AheadOwn).ShouldBe((0, 0)),
            () => record.Grounds.SaturatedFor!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(2.1)),
            () => record.Age.ShouldBe(TimeSpan.Zero));
        cluster.Advance(TimeSpan.FromSeconds(5));
        Recorded(cluster, refused).Age.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_refusal_by_a_notice_is_explained_from_the_notice_and_from_its_record_once_that_is_reported()
    {
        var cluster = Busy(Refuse);
        cluster.Acquire("c");
        var before = cluster.Exchanges;
        var refused = cluster.Ask("c", new AdmissionRequest { Tenant = "acme", Priority = Priorities.Background });
        cluster.Exchanges.ShouldBe(before, "the pool decides by itself");
        refused.Ticket.Reason.ShouldBe(RefusalReason.AtCapacity);

        var noticed = cluster.Ledger.Explain(refused.Ticket);
        noticed.Source.ShouldBe(ExplanationSource.Notice);
        noticed.Holder.ShouldBe("c");
        noticed.Notice!.Reason.ShouldBe(RefusalReason.AtCapacity);
        noticed.Notice.Occupancy.InUse.ShouldBe(2);
        var known = cluster.Pool("c").Explain(refused.Ticket)!;
        known.Record!.Grounds.Notice.ShouldBe(noticed.Notice.Number);

        cluster.Advance(TimeSpan.FromSeconds(4));
        var record = Recorded(cluster, refused);
        record.ShouldSatisfyAllConditions(
            () => record.ByHolder.ShouldBeTrue(),
            () => record.Holder.ShouldBe("c"),
            () => (record.Tenant, record.Priority).ShouldBe(("acme", Priorities.Background)),
            () => record.Grounds.Notice.ShouldBe(noticed.Notice.Number),
            () => record.Grounds.NoticeFor.ShouldNotBeNull(),
            () => record.Grounds.Occupancy.ShouldBe(refused.Refusal!.Occupancy),
            () => record.Age.ShouldBe(TimeSpan.FromSeconds(4)));
        cluster.Ledger.Explain(refused.Ticket).Notice!.Ended.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_storm_leaves_a_bounded_sample_and_every_ticket_is_still_explained()
    {
        var cluster = Busy(Refuse);
        cluster.Acquire("c");
        var before = cluster.Exchanges;
        var storm = Enumerable.Range(0, 10_000).Select(_ => cluster.Ask("c")).ToList();
        cluster.Exchanges.ShouldBe(before);
        storm.Select(refused => refused.Ticket.ToString()).Distinct().Count().ShouldBe(10_000);
        cluster.Advance(TimeSpan.FromSeconds(4));

        var page = cluster.Ledger.Decisions(new DecisionQuery { Count = DecisionQuery.Most });
        page.Decisions.Count(record => record.ByHolder).ShouldBe(HolderReport.MostDecisions);
        page.LeftOut.ShouldBe(10_000 - HolderReport.MostDecisions);
        Recorded(cluster, storm[^1]).Reason.ShouldBe(RefusalReason.AtCapacity);
        cluster.Ledger.Explain(storm[0].Ticket).Source.ShouldBe(ExplanationSource.Notice, "its own record was left out");
        cluster.Pool("c").Explain(storm[0].Ticket)!.Source.ShouldBe(ExplanationSource.Ticket);
    }

    [Fact]
    public void Refusing_by_a_notice_and_remembering_why_allocates_nothing()
    {
        var cluster = Busy(Refuse);
        cluster.Acquire("c");
        var pool = cluster.Pool("c");
        pool.TryAcquire(default, out var refused).ShouldBeTrue();
        var name = pool.Name(default, refused.Refusal!);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            pool.TryAcquire(default, out refused);
            name = pool.Name(default, refused.Refusal!);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        pool.Explain(name)!.Source.ShouldBe(ExplanationSource.Record);
    }

    [Fact]
    public void The_log_keeps_the_last_decisions_and_no_more()
    {
        var cluster = Busy(Wait with { QueueCapacity = 1_000 });
        var waiting = Enumerable.Range(0, 700).Select(_ => cluster.Wait("b", new AdmissionRequest { MaxWait = TimeSpan.FromSeconds(3) })).ToList();
        cluster.Apply(Wait with { QueueCapacity = 1 });
        cluster.Advance(TimeSpan.FromSeconds(1));

        waiting.Count(waiter => waiter.Answer == PoolAnswer.Refused).ShouldBe(699);
        var page = cluster.Ledger.Decisions(new DecisionQuery { Count = DecisionQuery.Most });
        page.Decisions.Length.ShouldBe(DecisionQuery.Most);
        page.Recorded.ShouldBe(699);
        page.Decisions.Select(record => record.Number).ShouldBe(Enumerable.Range(1, 699).Reverse().Take(DecisionQuery.Most).Select(number => (long)number));
        var next = cluster.Ledger.Decisions(new DecisionQuery { Count = 10, Before = page.Decisions[9].Number });
        next.Decisions.Select(record => record.Number).ShouldBe(page.Decisions[10..20].Select(record => record.Number));
        cluster.Ledger.Decisions(new DecisionQuery { Reason = RefusalReason.TooLate }).Decisions.ShouldBeEmpty();

        // The record of the first one is gone; its ticket still says why.
        var kept = page.Decisions.Select(record => record.Ticket).ToHashSet();
        var gone = waiting.Select(waiter => waiter.Name).First(ticket => !ticket.IsNone && !kept.Contains(ticket.ToString()));
        cluster.Ledger.Explain(gone).Source.ShouldBe(ExplanationSource.Ticket);
        gone.Reason.ShouldBe(RefusalReason.QueueFull);
    }

    [Fact]
    public void Who_lost_a_place_is_told_to_whom()
    {
        var cluster = Busy(Wait);
        var waiting = Fill(cluster, new AdmissionRequest { Priority = Priorities.Background });
        cluster.Wait("c", new AdmissionRequest { Priority = Priorities.Critical });
        var record = Recorded(cluster, waiting[^1].Decided());

        record.Outcome.ShouldBe(DecisionOutcome.Displaced);
        record.Reason.ShouldBe(RefusalReason.Displaced);
        (record.Grounds.AheadHigher, record.Grounds.AheadOwn).ShouldBe((1, 2));
        record.Grounds.Occupancy.Queued.ShouldBe(3);
        cluster.Ledger.Decisions(new DecisionQuery { Outcome = DecisionOutcome.Displaced }).Decisions.ShouldHaveSingleItem().Ticket.ShouldBe(record.Ticket);
    }

    [Fact]
    public void A_tenants_refusals_say_what_it_has_and_may()
    {
        var cluster = new MiniCluster(Wait with { Limit = 6, Overflow = Overflow.Refuse, Order = new QueueOrder { Tenants = [new TenantRule("acme", 1, 2)] } });
        var acme = new AdmissionRequest { Tenant = "acme" };
        cluster.Acquire("a", acme);
        cluster.Acquire("b", acme);
        var record = Recorded(cluster, cluster.Ask("c", acme));

        record.Reason.ShouldBe(RefusalReason.TenantCap);
        (record.Grounds.TenantInUse, record.Grounds.TenantCap).ShouldBe((2, 2));
        cluster.Ledger.Decisions(new DecisionQuery { Tenant = "acme" }).Decisions.ShouldHaveSingleItem();
        cluster.Ledger.Decisions(new DecisionQuery { Tenant = "other" }).Decisions.ShouldBeEmpty();
    }

    [Fact]
    public void A_tenant_with_more_than_its_part_sees_its_own_tickets_before_it()
    {
        var cluster = Busy(Wait);
        var waiting = Fill(cluster, new AdmissionRequest { Tenant = "greedy" });
        cluster.Wait("c", new AdmissionRequest { Tenant = "modest" });
        var record = Recorded(cluster, waiting[^1].Decided());

        record.Reason.ShouldBe(RefusalReason.TenantShare);
        (record.Tenant, record.Grounds.TenantQueued, record.Grounds.AheadOwn).ShouldBe(("greedy", 2, 3));
    }

    [Fact]
    public void A_wait_that_was_too_long_says_what_still_stood_before_it()
    {
        var cluster = Busy(Wait);
        cluster.Wait("b");
        cluster.Wait("b", new AdmissionRequest { Priority = Priorities.Critical });
        var expired = cluster.Wait("c", new AdmissionRequest { MaxWait = TimeSpan.FromSeconds(3) });
        cluster.Advance(TimeSpan.FromSeconds(4));

        var record = Recorded(cluster, expired.Decided());
        record.Reason.ShouldBe(RefusalReason.WaitExpired);
        record.ByHolder.ShouldBeTrue();
        record.Waited.ShouldBe(TimeSpan.FromSeconds(3));
        (record.Grounds.AheadHigher, record.Grounds.AheadOwn, record.Grounds.TimeLeft).ShouldBe((1, 1, TimeSpan.Zero));
        record.Grounds.SaturatedFor.ShouldNotBeNull();
    }

    [Fact]
    public void A_long_wait_that_ended_well_says_what_stood_before_it_when_it_began()
    {
        var cluster = new MiniCluster(Wait);
        var running = new[] { cluster.Acquire("a"), cluster.Acquire("a") };
        var first = cluster.Wait("b", new AdmissionRequest { Priority = Priorities.Critical });
        var second = cluster.Wait("c");
        cluster.Advance(TimeSpan.FromMilliseconds(900));
        cluster.Release("a", running[0]);
        cluster.Advance(TimeSpan.FromMilliseconds(600));
        cluster.Release("a", running[1]);

        first.Result!.Value.Answer.ShouldBe(PoolAnswer.Admitted);
        first.Name.IsNone.ShouldBeTrue("it waited less than a second");
        second.Result!.Value.Answer.ShouldBe(PoolAnswer.Admitted);
        var record = Recorded(cluster, second.Decided());
        record.ShouldSatisfyAllConditions(
            () => record.Outcome.ShouldBe(DecisionOutcome.Waited),
            () => record.Reason.ShouldBe(RefusalReason.None),
            () => record.ByHolder.ShouldBeFalse(),
            () => record.Waited.ShouldBe(TimeSpan.FromSeconds(1.5)),
            () => (record.Grounds.AheadHigher, record.Grounds.AheadOwn).ShouldBe((1, 0)));
        cluster.Ledger.Decisions(new DecisionQuery()).Decisions.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_wait_that_a_detached_pool_ended_by_itself_is_reported_when_the_ledger_is_back()
    {
        var cluster = new MiniCluster(Wait);
        var running = new[] { cluster.Acquire("a"), cluster.Acquire("a") };
        var waiter = cluster.Wait("a");
        cluster.Lose("a");
        cluster.Advance(TimeSpan.FromSeconds(2));
        cluster.Release("a", running[0]);
        waiter.Result!.Value.Answer.ShouldBe(PoolAnswer.Admitted);
        var here = cluster.Pool("a").Explain(waiter.Name)!.Record!;
        here.Waited.ShouldBeGreaterThan(TimeSpan.FromSeconds(5));
        here.Grounds.DetachedFor.ShouldBe(here.Waited, "the ledger's last answer was to its ticket");

        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(1));
        var record = Recorded(cluster, waiter.Decided());
        (record.Outcome, record.ByHolder, record.Waited).ShouldBe((DecisionOutcome.Waited, true, here.Waited));
    }

    [Fact]
    public void What_no_ledger_could_decide_is_explained_by_the_pool_and_by_the_ledger_once_it_is_back()
    {
        var cluster = Busy(Refuse);
        cluster.Lose("a");
        cluster.Advance(TimeSpan.FromSeconds(4));
        var refused = cluster.Ask("a");
        refused.Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
        cluster.Pool("a").Explain(refused.Ticket)!.Record!.Grounds.DetachedFor!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(2));
        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(1));
        Recorded(cluster, refused).Reason.ShouldBe(RefusalReason.LedgerUnreachable);
    }

    [Fact]
    public void Strangers_and_those_that_were_served_at_once_are_unknown()
    {
        var cluster = Busy(Refuse);
        cluster.Ask("a").Ticket.Reason.ShouldBe(RefusalReason.AtCapacity);
        cluster.Ledger.Explain(new TicketId(TicketId.TagOf("nobody"), 1, RefusalReason.AtCapacity, 0, 0)).Source.ShouldBe(ExplanationSource.Unknown);
        cluster.Ledger.Explain(new TicketId(TicketId.TagOf("a"), 1, RefusalReason.None, 0, 0)).Source.ShouldBe(ExplanationSource.Unknown);
        cluster.Pool("b").Explain(new TicketId(TicketId.TagOf("a"), 1, RefusalReason.AtCapacity, 0, 0)).ShouldBeNull();
    }

    [Fact]
    public void A_successor_knows_of_earlier_refusals_what_their_tickets_say()
    {
        var cluster = Busy(Refuse);
        var byLedger = cluster.Ask("c");
        var byNotice = cluster.Ask("c");
        cluster.Advance(TimeSpan.FromSeconds(5));
        cluster.HandOver();
        cluster.Advance(TimeSpan.FromSeconds(5));
        foreach (var refused in new[] { byLedger, byNotice })
        {
            var explained = cluster.Ledger.Explain(refused.Ticket);
            (explained.Source, explained.Holder).ShouldBe((ExplanationSource.Ticket, "c"));
            explained.Age!.Value.ShouldBeInRange(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(11));
        }

        cluster.Ledger.Decisions(new DecisionQuery()).Decisions.ShouldBeEmpty();
        cluster.Acquire("c");
        var again = cluster.Ask("c");
        cluster.Ledger.Explain(again.Ticket).Notice.ShouldNotBeNull();
        cluster.Ledger.Explain(byNotice.Ticket).Notice.ShouldBeNull("numbers of notices are not used again");
    }

    private static MiniCluster Busy(BackendPolicy policy)
    {
        var cluster = new MiniCluster(policy);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        return cluster;
    }

    private static List<TestWaiter> Fill(MiniCluster cluster, AdmissionRequest request) => [.. Enumerable.Range(0, 3).Select(_ => cluster.Wait("b", request))];

    private static DecisionRecord Recorded(MiniCluster cluster, in Asked decided)
    {
        decided.Ticket.IsNone.ShouldBeFalse();
        var explained = cluster.Ledger.Explain(decided.Ticket);
        explained.Source.ShouldBe(ExplanationSource.Record);
        explained.Record!.Ticket.ShouldBe(decided.Ticket.ToString());
        return explained.Record;
    }
}
