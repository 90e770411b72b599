namespace Admission.Capacity.Tests;

/// <summary>What a ticket that waits is told: its place, and what it waits for.</summary>
public class WaitingTicketTests
{
    private static readonly BackendPolicy Wait = new()
    {
        Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 100, MaxWait = TimeSpan.FromMinutes(1), RunTimeout = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public void The_first_waits_for_a_permit_and_the_others_for_their_turn()
    {
        var cluster = Busy(Wait);
        cluster.Wait("a", new AdmissionRequest { Tenant = "acme" });
        cluster.Wait("b", new AdmissionRequest { Tenant = "acme", Priority = Priorities.Background });
        cluster.Wait("b", new AdmissionRequest { Tenant = "acme", Priority = Priorities.Background });
        cluster.Advance(TimeSpan.FromMilliseconds(300));
        var waiting = All(cluster);

        waiting.Select(ticket => ticket.WaitsFor).ShouldBe([WaitsFor.Permits, WaitsFor.Turn, WaitsFor.Turn]);
        waiting.Select(ticket => ticket.Place).ShouldBe([1, 2, 3]);
        waiting.Select(ticket => ticket.AheadOfTenant).ShouldBe([0, 0, 1]);
        waiting.Select(ticket => (ticket.Grounds.AheadHigher, ticket.Grounds.AheadOwn)).ShouldBe([(0, 0), (1, 0), (1, 1)]);
        waiting.Select(ticket => ticket.Next).ShouldBe([null, waiting[0].Ticket, waiting[0].Ticket]);
        waiting.ShouldAllBe(ticket => ticket.Tenant == "acme" && ticket.Waited >= TimeSpan.FromMilliseconds(300) && ticket.Grounds.SaturatedFor >= TimeSpan.FromMilliseconds(300));
        waiting.ShouldAllBe(ticket => ticket.Grounds.TimeLeft <= TimeSpan.FromSeconds(59.7) && ticket.NextWeight == 1 && ticket.NextPriority == Priorities.Normal);
    }

    [Fact]
    public void A_light_one_waits_for_the_heavy_one_before_it()
    {
        var cluster = new MiniCluster(Wait with { Limit = 3 });
        cluster.Acquire("a");
        cluster.Acquire("b");
        cluster.Wait("c", new AdmissionRequest { Weight = 2 });
        cluster.Wait("c");
        var waiting = All(cluster);

        waiting.Select(ticket => (ticket.WaitsFor, ticket.Free, ticket.NextWeight)).ShouldBe([(WaitsFor.Permits, 1, 2), (WaitsFor.HeavyTicket, 1, 2)]);
    }

    [Fact]
    public void One_whose_tenant_has_all_that_it_may_waits_for_its_cap()
    {
        var cluster = new MiniCluster(Wait with { Order = new QueueOrder { TenantCap = 1 } });
        cluster.Acquire("a", new AdmissionRequest { Tenant = "acme" });
        var waiter = cluster.Wait("b", new AdmissionRequest { Tenant = "acme" });
        var waiting = Explained(cluster, "b", waiter);

        waiting.WaitsFor.ShouldBe(WaitsFor.TenantCap);
        (waiting.Grounds.TenantInUse, waiting.Grounds.TenantCap).ShouldBe((1, 1));
    }

    [Fact]
    public void A_share_that_is_due_goes_before_higher_priorities()
    {
        var cluster = new MiniCluster(Wait with { Limit = 1, Order = new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, 100)] } });
        var running = cluster.Acquire("a");
        cluster.Wait("b", new AdmissionRequest { Priority = Priorities.Background });
        cluster.Wait("b", new AdmissionRequest { Priority = Priorities.Background });
        var normal = cluster.Wait("c");
        var last = cluster.Wait("c");
        cluster.Release("a", running);
        normal.Answer.ShouldBe(PoolAnswer.Admitted);

        Explained(cluster, "c", last).WaitsFor.ShouldBe(WaitsFor.GuaranteedShare);
    }

    [Fact]
    public void While_the_ledger_does_not_answer_the_pool_says_so()
    {
        var cluster = Busy(Wait);
        cluster.CutOff.Add("a");
        var waiter = cluster.Wait("a");
        var ticket = IdOf("a", waiter);
        var here = cluster.Pool("a").Explain(ticket)!;
        here.Waiting!.WaitsFor.ShouldBe(WaitsFor.Ledger);
        TicketExplanation.Merge(cluster.Ledger.Explain(ticket), here)!.Waiting!.WaitsFor.ShouldBe(WaitsFor.Ledger);
        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(1));
        TicketExplanation.Merge(cluster.Ledger.Explain(ticket), cluster.Pool("a").Explain(ticket))!.Waiting!.WaitsFor.ShouldBe(WaitsFor.Permits);
    }

    [Fact]
    public void A_place_is_at_most_what_is_said_when_others_have_left_from_the_middle()
    {
        var cluster = Busy(Wait);
        var all = Enumerable.Range(0, 6).Select(_ => cluster.Wait("c")).ToList();
        cluster.GiveUp("c", all[1]);
        cluster.GiveUp("c", all[2]);
        var last = Explained(cluster, "c", all[^1]);
        var before = Explained(cluster, "c", all[3]);

        last.Place.ShouldBe(4, "nobody is behind it");
        before.Place!.Value.ShouldBeInRange(2, 4);
    }

    private static TicketId IdOf(string holder, TestWaiter waiter) => new(TicketId.TagOf(holder), waiter.Ticket, RefusalReason.None, 0, waiter.Arrived);

    private static WaitingTicket Explained(MiniCluster cluster, string holder, TestWaiter waiter) => cluster.Ledger.Explain(IdOf(holder, waiter)).Waiting!;

    private static MiniCluster Busy(BackendPolicy policy)
    {
        var cluster = new MiniCluster(policy);
        cluster.Acquire("a");
        cluster.Acquire("b");
        return cluster;
    }

    private static List<WaitingTicket> All(MiniCluster cluster) => [.. cluster.Ledger.Decisions(new DecisionQuery()).Waiting.Select(text =>
    {
        TicketId.TryParse(text, out var ticket).ShouldBeTrue();
        return cluster.Ledger.Explain(ticket).Waiting!;
    })];
}
