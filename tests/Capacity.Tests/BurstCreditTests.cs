namespace Admission.Capacity.Tests;

/// <summary>The burst credit of tenants that ask for less than their share: the numbers of docs/algorithms.md.</summary>
public class BurstCreditTests
{
    [Fact]
    public void A_tenant_that_did_not_wait_goes_before_one_that_always_does_as_far_as_its_credit_goes()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 4 });
        builder.Add(100, "A");
        builder.ServeTenants(20);
        builder.Add(8, "B");
        builder.ServeTenants(10).ShouldBe("BBBBABABAB", "four by its credit, and then they take turns");
    }

    [Fact]
    public void The_credit_grows_again_while_others_are_served_and_is_never_more_than_it_was()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 4 });
        builder.Add(1_000, "A");
        builder.ServeTenants(20);
        builder.Add(4, "B");
        builder.ServeTenants(6).ShouldBe("BBBBAA", "B has used its credit, and rests");
        builder.Add(4, "B");
        builder.ServeTenants(6).ShouldBe("BBABAB", "what A was served meanwhile has brought B two");
        builder.ServeTenants(40);
        builder.Add(8, "B");
        builder.ServeTenants(8).ShouldBe("BBBBBABA");
    }

    [Fact]
    public void Who_is_alone_for_long_keeps_no_credit_for_later()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 4 });
        builder.Add(1_000, "A");
        for (var served = 1; served <= 12; served++)
        {
            builder.ServeTenants(1);
            if (served == 4)
            {
                builder.Queue.HandOver([]).Clocks!.Single().Ahead.ShouldBeGreaterThan(0, "so far it has served itself out of its credit");
            }
        }

        builder.Queue.HandOver([]).Clocks!.Single().Ahead.ShouldBe(0, 1e-9, "it is where the clock is");
    }

    [Fact]
    public void Two_tenants_with_credit_take_turns_after_an_eighth_of_it()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 32 });
        builder.Add(10, "A");
        builder.Add(10, "B");
        builder.ServeTenants(20).ShouldBe("AAAAABBBBBABABABABAB", "by arrival up to the fourth and fifth, which A and B tie for");
    }

    [Fact]
    public void Who_has_half_of_its_credit_left_begins_like_one_that_has_all()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 32 });
        builder.Add(1_000, "A");
        builder.ServeTenants(60);
        builder.Add(12, "B");
        builder.ServeTenants(12);
        builder.Add(4, "B");
        builder.Add(4, "C");
        builder.ServeTenants(8).ShouldBe("BBBBCCCC", "what B was served before makes no difference");
        builder.Add(12, "B");
        builder.ServeTenants(12);
        builder.Add(4, "B");
        builder.Add(4, "C");
        builder.ServeTenants(8).ShouldBe("CCCCBBBB", "by now it does");
    }

    [Fact]
    public void The_credit_is_in_permits_whatever_the_weight_of_the_tenant()
    {
        var order = new QueueOrder { TenantBurst = 4, Tenants = [new TenantRule("B", 2, null)] };
        var builder = new QueueBuilder(order);
        builder.Add(100, "A");
        builder.ServeTenants(20);
        builder.Add(9, "B");
        builder.ServeTenants(10).ShouldBe("BBBBABBABB");
    }

    [Fact]
    public void An_endless_stream_of_new_tenants_with_credit_starves_nobody()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 4 });
        builder.Add(40, "A");
        builder.ServeTenants(30);
        var served = new List<int>();
        for (var i = 0; i < 2_500; i++)
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
                served.Add(i);
            }
        }

        served.Count.ShouldBeGreaterThan(0);
        served[0].ShouldBeInRange(5 * 100, 4 * 5 * 100, "four times its credit and one, in turns of all that wait");
    }

    [Fact]
    public void Credits_survive_a_move_of_the_ledger()
    {
        var order = new QueueOrder { TenantBurst = 4 };
        var builder = new QueueBuilder(order);
        builder.Add(30, "A");
        builder.ServeTenants(20);
        builder.Add(3, "B");
        builder.ServeTenants(2).ShouldBe("BB");
        var successor = new QueueBuilder(order);
        successor.Queue.Restore(builder.Queue.HandOver([]));
        successor.Add(8, "A");
        successor.Add(6, "B");
        successor.Add(5, "C");
        successor.Queue.ForgetEmpty();
        successor.ServeTenants(12).ShouldBe("BCCCBCABCABA", "C has its whole credit, B more than half of it and begins like C, A none");
    }

    [Fact]
    public void A_record_without_clocks_is_read_as_one_of_before_there_were_credits()
    {
        var successor = new QueueBuilder(new QueueOrder { TenantBurst = 0 });
        successor.Queue.Restore(new HandedOrder([new HandedTenant(Priorities.Normal, "A", 2), new HandedTenant(Priorities.Normal, "B", 0)], []));
        successor.Add(3, "A");
        successor.Add(3, "B");
        successor.Queue.ForgetEmpty();
        successor.ServeTenants(6).ShouldBe("BBABAA");
    }

    [Fact]
    public void The_place_of_a_burst_within_its_credit_is_before_the_greedy_ones()
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = 4 });
        builder.Add(100, "A");
        builder.ServeTenants(20);
        builder.Add(3, "C");
        var burst = Enumerable.Range(0, 8).Select(_ => builder.Add("B")).ToList();
        var places = burst.Select((ticket, index) => builder.Queue.PlaceOf(ticket, burst.Count - 1 - index).Place).ToList();
        var order = builder.Queue.InOrder().Select((ticket, index) => (ticket, Place: index + 1)).ToList();
        places.ShouldBe(burst.Select(ticket => order.Single(other => other.ticket == ticket).Place));
    }
}
