namespace Admission.Capacity.Tests;

/// <summary>The numbers of docs/algorithms.md on the queue's order and its places.</summary>
public class TicketQueueTests
{
    [Fact]
    public void Without_tenants_it_is_first_come_first_served()
    {
        var builder = new QueueBuilder();
        builder.Add(5, null);
        builder.Serve(5, ticket => $"{ticket.Arrival}").ShouldBe("12345");
        builder.Serve().ShouldBeNull();
        builder.Queue.Weight.ShouldBe(0);
    }

    [Fact]
    public void Tenants_take_turns_by_their_weights()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 0, Tenants = [new TenantRule("B", 2, null)] });
        builder.Add(4, "A");
        builder.Add(6, "B");
        builder.ServeTenants(10).ShouldBe("ABBABBABBA");
    }

    [Fact]
    public void A_newcomer_without_credit_is_next_and_is_owed_nothing_for_the_past()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 0 });
        builder.Add(100, "A");
        builder.ServeTenants(10).ShouldBe("AAAAAAAAAA");
        builder.Add(4, "C");
        builder.ServeTenants(8).ShouldBe("CACACACA");
    }

    [Fact]
    public void A_heavy_ticket_counts_by_its_weight()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 0 });
        builder.Add("A", weight: 4);
        builder.Add("A", weight: 4);
        builder.Add(8, "B");
        builder.ServeTenants(10).ShouldBe("ABBBBABBBB");
    }

    [Fact]
    public void A_guaranteed_share_is_every_tenth_permit()
    {
        var builder = new QueueBuilder(new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, 10)] });
        builder.Add(40, null, Priorities.Critical);
        builder.Add(40, null, Priorities.Background);
        builder.Serve(32, ticket => ticket.Request.Priority == Priorities.Critical ? "c" : "b").ShouldBe("ccccccccccbcccccccccbcccccccccbc");
    }

    [Fact]
    public void Without_a_share_the_order_of_priorities_is_strict()
    {
        var builder = new QueueBuilder();
        builder.Add(5, null, Priorities.Background);
        builder.Add(5, null, Priorities.Critical);
        builder.Serve(10, ticket => ticket.Request.Priority == Priorities.Critical ? "c" : "b").ShouldBe("cccccbbbbb");
    }

    [Fact]
    public void A_share_pays_for_a_heavy_ticket_in_time()
    {
        var builder = new QueueBuilder(new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, 10)] });
        builder.Add(60, null, Priorities.Critical);
        builder.Add(null, Priorities.Background, weight: 4);
        builder.Serve(41, ticket => ticket.Request.Weight == 4 ? "H" : "c").IndexOf('H').ShouldBe(40);
    }

    [Fact]
    public void An_endless_stream_of_new_tenants_starves_nobody()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 0 });
        builder.Add(2, "A");
        builder.Add(1, "first");
        builder.ServeTenants(1).ShouldBe("A");
        var served = 0;
        for (var i = 0; i < 20_000; i++)
        {
            builder.Add($"new{i}");
            builder.Add($"other{i}");
            var ticket = builder.Serve()!;
            if (builder.Queue.Count > 100)
            {
                builder.Queue.Remove(builder.Queue.Victim(100).Ticket);
            }

            if (ticket.Request.Tenant == "A")
            {
                served = i;
                break;
            }
        }

        served.ShouldBeInRange(1, 100, "it was served once, and its second ticket waits for a round of those that wait");
    }

    [Fact]
    public void Tenants_cost_memory_only_while_they_wait_or_are_ahead()
    {
        var builder = new QueueBuilder();
        builder.Add(50, "steady");
        for (var i = 0; i < 50_000; i++)
        {
            builder.Add($"tenant{i}");
            builder.Add("steady");
            builder.Serve();
            builder.Serve();
            builder.Queue.TenantCount.ShouldBeLessThan(200);
        }

        while (builder.Serve() is not null)
        {
        }

        builder.Queue.TenantCount.ShouldBe(0);
    }

    [Fact]
    public void The_tenant_with_more_than_its_part_of_the_places_loses_its_youngest()
    {
        var builder = new QueueBuilder();
        builder.Add(3, "A");
        builder.Add("B");
        builder.Add("C");
        var (ticket, reason) = builder.Queue.Victim(4);
        (ticket.Arrival, reason).ShouldBe((3, RefusalReason.TenantShare));
        builder.Queue.Remove(ticket);
        builder.Add("B");
        (ticket, reason) = builder.Queue.Victim(4);
        (ticket.Request.Tenant, ticket.Arrival, reason).ShouldBe(("B", 6, RefusalReason.TenantShare));
    }

    [Fact]
    public void Among_equals_the_youngest_goes_because_the_queue_is_full()
    {
        var builder = new QueueBuilder();
        builder.Add("A");
        builder.Add("B");
        builder.Add("C");
        var (ticket, reason) = builder.Queue.Victim(2);
        (ticket.Request.Tenant, reason).ShouldBe(("C", RefusalReason.QueueFull));
        builder = new QueueBuilder();
        builder.Add(3, "A");
        builder.Queue.Victim(2).Reason.ShouldBe(RefusalReason.QueueFull, "a tenant that is alone has all places");
    }

    [Fact]
    public void A_higher_priority_displaces_the_youngest_of_the_lowest()
    {
        var builder = new QueueBuilder();
        builder.Add(2, null, Priorities.Background);
        builder.Add(2, null, Priorities.Normal);
        builder.Add(null, Priorities.Critical);
        var (ticket, reason) = builder.Queue.Victim(4);
        (ticket.Arrival, reason).ShouldBe((2, RefusalReason.Displaced));
    }

    [Theory]
    [InlineData(10, 10, 1)]
    [InlineData(25, 12, 3)]
    [InlineData(1, 4, 1)]
    public void A_guaranteed_share_has_its_part_of_the_places(int share, int places, int kept)
    {
        var builder = new QueueBuilder(new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, share)] });
        builder.Add(places, null, Priorities.Background);
        for (var i = 0; i < places - kept; i++)
        {
            builder.Add(null, Priorities.Critical);
            var (ticket, why) = builder.Queue.Victim(places);
            (ticket.Request.Priority, why).ShouldBe((Priorities.Background, RefusalReason.Displaced));
            builder.Queue.Remove(ticket);
        }

        builder.Add(null, Priorities.Critical);
        var (last, reason) = builder.Queue.Victim(places);
        (last.Request.Priority, reason).ShouldBe((Priorities.Critical, RefusalReason.QueueFull));
        builder.Queue.Remove(last);
        builder.Add(null, Priorities.Background);
        (last, reason) = builder.Queue.Victim(places);
        (last.Request.Priority, reason).ShouldBe((Priorities.Background, RefusalReason.QueueFull));
    }

    [Fact]
    public void Who_is_kept_waiting_by_a_cap_keeps_nobody_waiting()
    {
        var builder = new QueueBuilder(new QueueOrder { Tenants = [new TenantRule("A", 1, Cap: 1)] });
        builder.Queue.Book("A", 1);
        builder.Add(99, "A", Priorities.Critical);
        var other = builder.Add("B");
        builder.Queue.Next.ShouldBe(other);

        builder.Queue.PlaceOf(other, 0).Place.ShouldBe(1);
        builder.Queue.Servable.ShouldBe((1, 1));

        builder.Queue.Book("A", -1);
        builder.Queue.Servable.ShouldBe((100, 100));
        builder.Serve()!.Request.Tenant.ShouldBe("A");
        builder.Queue.Book("A", 1);
        builder.Queue.Next.ShouldBe(other);
        builder.Queue.Servable.ShouldBe((1, 1));
    }

    [Fact]
    public void A_place_is_told_by_the_turns_of_the_others()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 0, Levels = [new QueueLevel("background", Priorities.Background, 10)] });
        builder.Add(10, "A");
        var own = builder.Add("B");
        builder.Queue.PlaceOf(own, 0).ShouldBe((2, 2));
        builder.Queue.PlaceOf(builder.Queue.InOrder().Last(), 0).Place.ShouldBe(11);

        var slowed = new QueueBuilder(new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, 10)] });
        slowed.Add(9, null);
        var ninth = slowed.Queue.InOrder().Last();
        slowed.Queue.PlaceOf(ninth, 0).ShouldBe((9, 9));
        var background = slowed.Add(null, Priorities.Background);
        slowed.Queue.PlaceOf(ninth, 0).ShouldBe((9, 10));
        slowed.Queue.PlaceOf(background, 0).ShouldBe((10, 10));
    }

    [Fact]
    public void A_tenant_at_its_cap_is_passed_over_until_a_permit_comes_back()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantCap = 2 });
        builder.Add(3, "A");
        builder.Add(2, "B");
        builder.Add(1, null);
        builder.Queue.Book("A", 2);
        builder.Queue.Book("B", 1);
        builder.ServeTenants(1).ShouldBe("B");
        builder.Queue.Book("B", 1);
        builder.ServeTenants(1).ShouldBe("-");
        builder.Queue.Next.ShouldBeNull("A and B have their two");
        builder.Queue.Count.ShouldBe(4);
        builder.Queue.Book("A", -1);
        builder.ServeTenants(1).ShouldBe("A");
    }

    [Fact]
    public void A_successor_goes_on_where_its_predecessor_stopped()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 0, Levels = [new QueueLevel("background", Priorities.Background, 10)] });
        builder.Add(20, "A");
        builder.ServeTenants(5);
        builder.Add("B", weight: 3);
        builder.Add(3, "B");
        builder.Add(20, null, Priorities.Background);
        var lost = builder.Serve()!;
        lost.Request.Tenant.ShouldBe("B");
        builder.ServeTenants(2).ShouldBe("AA");
        var order = builder.Queue.HandOver([lost]);

        // B was granted three permits of which its holder never heard, so it is again as far as it was before them.
        order.Tenants.Single(tenant => tenant.Tenant == "A" && tenant.Priority == Priorities.Normal).Ahead.ShouldBe(3, 1e-9);
        order.Tenants.Single(tenant => tenant.Tenant == "B").Ahead.ShouldBe(0, 1e-9);
        order.Levels.Single().ShouldBe(new HandedLevel(Priorities.Background, 50));
        var successor = new QueueBuilder(new QueueOrder { TenantBurst = 0 });
        successor.Queue.Restore(order);
        successor.Add(5, "A");
        successor.Add("B", weight: 3);
        successor.Add(3, "B");
        successor.Queue.ForgetEmpty();
        successor.ServeTenants(3).ShouldBe("BAB");
    }
}
