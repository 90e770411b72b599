namespace Admission.Capacity.Tests;

public class LeaseTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    private static readonly BackendPolicy Policy = new()
    {
        Limit = 2, LeaseTtl = TimeSpan.FromSeconds(10), RunTimeout = TimeSpan.FromSeconds(20), Overflow = Overflow.Wait, QueueCapacity = 10,
        MaxWait = TimeSpan.FromMinutes(5),
    };

    [Fact]
    public void A_lease_leaves_its_pool_and_is_stored_before_it_is_told()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.StorageWorks = false;
        var lease = cluster.Lease("b", "x", Ttl);
        lease.State.ShouldBe(LeaseState.None);
        cluster.Ledger.Describe().Leased.ShouldBe(1);
        cluster.Stored.Leases.ShouldBeNull();

        cluster.StorageWorks = true;
        cluster.Settle();

        lease.State.ShouldBe(LeaseState.Held);
        cluster.Stored.Leases.ShouldNotBeNull().ShouldHaveSingleItem().Key.ShouldBe("x");
        cluster.Pool("b").InUse.ShouldBe(1);
        cluster.Ledger.Describe().Destinations[0].Booked.ShouldBe(2);
    }

    [Fact]
    public void It_survives_the_holder_that_granted_it_and_the_ledger()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Kill("a");
        cluster.Activate();
        var waiter = cluster.Wait("b");

        for (var i = 0; i < 10; i++)
        {
            cluster.Advance(TimeSpan.FromSeconds(20));
            cluster.Renew("x").ShouldBe(LeaseState.Held);
            cluster.Renew("y").ShouldBe(LeaseState.Held);
        }

        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("x").ShouldBe(LeaseState.Released);
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Release("x").ShouldBe(LeaseState.Released);
        cluster.Renew("x").ShouldBe(LeaseState.Released);
        cluster.Ledger.Describe().Leased.ShouldBe(1);
    }

    [Fact]
    public void It_is_reclaimed_after_its_time_to_live_and_grace_and_who_comes_late_hears_so()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.Held);
        var waiter = cluster.Wait("b");

        cluster.Advance(TimeSpan.FromSeconds(32.8));
        cluster.Renew("y").ShouldBe(LeaseState.Held);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(0.4));

        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Renew("x").ShouldBe(LeaseState.Reclaimed);
        cluster.Release("x").ShouldBe(LeaseState.Reclaimed);
        cluster.Ledger.Describe().Destinations[0].Booked.ShouldBe(2);
        cluster.Activate();
        cluster.Settle();
        cluster.Release("x").ShouldBe(LeaseState.Reclaimed, "the record knows how the last leases ended");
        cluster.Release("z").ShouldBe(LeaseState.Unknown);
    }

    [Fact]
    public void Nothing_is_reclaimed_while_the_epoch_cannot_be_confirmed()
    {
        var cluster = new MiniCluster(Policy, new LedgerOptions { AuthorityTtl = TimeSpan.FromMinutes(5) });
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.Held);
        var waiter = cluster.Wait("b");
        cluster.StorageWorks = false;

        cluster.Advance(TimeSpan.FromSeconds(60));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Renew("y").ShouldBe(LeaseState.Held, "nobody else can have its permits yet");
        cluster.StorageWorks = true;
        cluster.Settle();
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Renew("x").ShouldBe(LeaseState.Reclaimed);
    }

    [Fact]
    public void A_quarantine_that_the_policy_gives_holds_for_leases_too()
    {
        var cluster = new MiniCluster(Policy with { Quarantine = TimeSpan.FromSeconds(10) });
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.Held);
        var waiter = cluster.Wait("b");

        cluster.Advance(TimeSpan.FromSeconds(33.2));
        cluster.Release("x").ShouldBe(LeaseState.Reclaimed);
        cluster.Ledger.Describe().Quarantined.ShouldBe(2);
        cluster.Activate();
        cluster.Advance(TimeSpan.FromSeconds(9.5));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(22));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_successor_counts_the_time_of_a_lease_from_its_own_beginning_and_the_former_authority()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Advance(TimeSpan.FromSeconds(30));
        cluster.Activate();
        cluster.Ledger.Leases(new LeaseQuery()).Leases.ShouldAllBe(lease => lease.Left == Ttl * 0.9);
        var waiter = cluster.Wait("b");

        // 10 s authority, 33 s with grace, 2 % more for the other clock.
        cluster.Advance(TimeSpan.FromSeconds(43.7));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(0.3));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_planned_move_keeps_what_a_lease_has_left_and_the_next_crash_does_not()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Advance(TimeSpan.FromSeconds(30));
        cluster.HandOver();
        cluster.Ledger.Leases(new LeaseQuery()).Leases.ShouldAllBe(lease => lease.Left == TimeSpan.Zero);
        cluster.Renew("x").ShouldBe(LeaseState.Held);

        cluster.Activate();
        cluster.Advance(TimeSpan.FromSeconds(40));
        cluster.Renew("x").ShouldBe(LeaseState.Held, "the renewal is in no record");
    }

    [Fact]
    public void A_holder_whose_report_was_lost_hands_over_to_the_next_ledger()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.StorageWorks = false;
        var lease = cluster.Lease("b", "x", Ttl);
        cluster.Activate();
        cluster.StorageWorks = true;
        cluster.Advance(TimeSpan.FromSeconds(4));

        lease.State.ShouldBe(LeaseState.Held);
        lease.Outcome!.Value.Fencing.Epoch.ShouldBe(2);
        cluster.Ledger.Describe().Leased.ShouldBe(1);
        cluster.Ledger.Describe().Holders.ShouldHaveSingleItem().Booked.ShouldBe(1);
    }

    [Fact]
    public void A_ledger_that_could_not_store_a_lease_does_not_renew_it_for_its_successor()
    {
        // Seed 3240 of the simulator.
        var cluster = new MiniCluster(Policy, new LedgerOptions { AuthorityTtl = TimeSpan.FromMinutes(5) });
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.StorageWorks = false;
        var lease = cluster.Lease("b", "x", Ttl);
        var former = cluster.Ledger;
        cluster.Activate();
        cluster.StorageWorks = true;
        cluster.Advance(TimeSpan.FromSeconds(4));
        lease.State.ShouldBe(LeaseState.Held);

        former.RenewLeases([new LeaseName("x", 2)]).ShouldHaveSingleItem().State.ShouldBe(LeaseState.Unsettled);
        former.RenewLeases([new LeaseName("x", 1)]).ShouldHaveSingleItem().State.ShouldBe(LeaseState.Unsettled);
        cluster.Renew("x").ShouldBe(LeaseState.Held);
    }

    [Fact]
    public void What_is_not_confirmed_in_time_is_given_up_and_comes_back()
    {
        var cluster = new MiniCluster(Policy, new LedgerOptions { AuthorityTtl = TimeSpan.FromMinutes(5) });
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.StorageWorks = false;
        var lease = cluster.Lease("b", "x", Ttl);
        cluster.Advance(TimeSpan.FromSeconds(9.9));
        lease.State.ShouldBe(LeaseState.None);
        cluster.Advance(TimeSpan.FromSeconds(0.2));

        lease.State.ShouldBe(LeaseState.Unconfirmed);
        cluster.Release("x").ShouldBe(LeaseState.Released);
        cluster.StorageWorks = true;
        cluster.Settle();
        cluster.Ledger.Describe().Leases.ShouldBe(0);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void Fencing_numbers_grow_over_epochs()
    {
        var cluster = new MiniCluster(Policy);
        var first = cluster.Lease("a", "x", Ttl).Outcome!.Value.Fencing;
        cluster.Activate();
        cluster.Advance(TimeSpan.FromSeconds(4));
        cluster.Release("x");
        var second = cluster.Lease("a", "y", Ttl).Outcome!.Value.Fencing;

        first.ShouldBe(new FencingToken(1, 1));
        second.ShouldBe(new FencingToken(2, 2));
    }

    [Fact]
    public void There_are_no_more_leases_than_the_ledger_may_have()
    {
        var cluster = new MiniCluster(Policy, new LedgerOptions { MaxLeases = 1 });
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl).State.ShouldBe(LeaseState.TooMany);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_tenants_cap_counts_its_leases()
    {
        var cluster = new MiniCluster(Policy with { Order = new QueueOrder { TenantCap = 1 } });
        cluster.Lease("a", "x", Ttl, new AdmissionRequest { Tenant = "t" }).State.ShouldBe(LeaseState.Held);
        var waiter = cluster.Wait("b", new AdmissionRequest { Tenant = "t" });
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Activate();
        cluster.Advance(TimeSpan.FromSeconds(5));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("x").ShouldBe(LeaseState.Released);
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_cap_that_is_set_later_counts_the_leases_that_there_are()
    {
        var cluster = new MiniCluster(Policy with { Limit = 3, Quarantine = TimeSpan.FromSeconds(10) });
        var mine = new AdmissionRequest { Tenant = "t" };
        cluster.Lease("a", "x", Ttl, mine).State.ShouldBe(LeaseState.Held);
        cluster.Lease("a", "y", Ttl, mine).State.ShouldBe(LeaseState.Held);
        cluster.Apply(cluster.Policy with { Order = new QueueOrder { TenantCap = 2 } }).Errors.ShouldBeEmpty();

        var waiter = cluster.Wait("b", mine);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Acquire("b", new AdmissionRequest { Tenant = "other" }).Answer.ShouldBe(PoolAnswer.Admitted, "there is room for others");
        cluster.Release("x").ShouldBe(LeaseState.Released);
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);

        // One that is lost counts until its quarantine is over.
        waiter = cluster.Wait("b", mine);
        cluster.Advance(TimeSpan.FromSeconds(33.5));
        cluster.Release("y").ShouldBe(LeaseState.Reclaimed);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(10.5));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_cap_that_is_taken_away_and_set_again_counts_each_lease_once()
    {
        var cluster = new MiniCluster(Policy with { Order = new QueueOrder { TenantCap = 1 } });
        var mine = new AdmissionRequest { Tenant = "t" };
        cluster.Lease("a", "x", Ttl, mine).State.ShouldBe(LeaseState.Held);
        cluster.Apply(Policy).Errors.ShouldBeEmpty();
        cluster.Lease("a", "y", Ttl, mine).State.ShouldBe(LeaseState.Held);
        cluster.Apply(Policy with { Order = new QueueOrder { TenantCap = 1 } }).Errors.ShouldBeEmpty();
        var waiter = cluster.Wait("b", mine);

        cluster.Release("x").ShouldBe(LeaseState.Released);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("y").ShouldBe(LeaseState.Released);
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_permit_that_was_handed_over_cannot_be_released()
    {
        var cluster = new MiniCluster(Policy);
        var admitted = cluster.Acquire("a");
        cluster.CutOff.Add("a");
        cluster.Pool("a").HandOver(admitted.Permit, new LeaseRequest("x", Ttl));

        Should.Throw<InvalidOperationException>(() => cluster.Pool("a").Release(admitted.Permit));
        Should.Throw<InvalidOperationException>(() => cluster.Pool("a").HandOver(admitted.Permit, new LeaseRequest("y", Ttl)));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.Pool("a").HandOver(admitted.Permit, new LeaseRequest("y", TimeSpan.FromSeconds(0.9))));
    }

    [Fact]
    public void A_holder_leaves_only_when_its_leases_are_settled()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Lease("a", "x", Ttl).State.ShouldBe(LeaseState.Held);
        cluster.Pool("a").Leave();
        cluster.Advance(TimeSpan.FromSeconds(4));
        cluster.Pool("a").HasLeft.ShouldBeTrue();
        cluster.Advance(TimeSpan.FromSeconds(4));
        cluster.Renew("x").ShouldBe(LeaseState.Held);
    }

    [Fact]
    public void A_ledger_of_a_lower_epoch_does_not_say_that_it_knows_nothing()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Lease("a", "x", Ttl);
        cluster.Renew("of a successor", epoch: 2).ShouldBe(LeaseState.Unsettled);
        cluster.Renew("of nobody", epoch: 1).ShouldBe(LeaseState.Unknown);
    }
}
