namespace Admission.Capacity.Tests;

public class RecoveryTests
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 2, LeaseTtl = TimeSpan.FromSeconds(10), RunTimeout = TimeSpan.FromSeconds(20), Overflow = Overflow.Wait, QueueCapacity = 10,
        MaxWait = TimeSpan.FromMinutes(5),
    };

    [Fact]
    public void The_permits_of_a_dead_holder_come_back_after_lease_grace_and_quarantine()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Kill("a");
        var waiter = cluster.Wait("b");

        cluster.Advance(TimeSpan.FromSeconds(30.9));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Ledger.Describe().Quarantined.ShouldBe(2);
        cluster.Advance(TimeSpan.FromSeconds(1));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_holder_that_is_cut_off_loses_its_life_before_the_ledger_thinks_so()
    {
        var cluster = new MiniCluster(Policy);
        var admitted = cluster.Acquire("a");
        cluster.CutOff.Add("a");

        cluster.Advance(TimeSpan.FromSeconds(9.2));

        cluster.Pool("a").Life.Incarnation.ShouldBe(2);
        admitted.Permit.Life.Lost.IsCancellationRequested.ShouldBeTrue();
        cluster.Ledger.Describe().Holders.Single().Booked.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_new_epoch_grants_nothing_until_every_stored_life_has_reported()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.CutOff.Add("a");
        cluster.Activate();

        var waiter = cluster.Wait("b");
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.Recovering);

        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(4));
        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.Granting);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Pool("a").InUse.ShouldBe(2);
    }

    [Fact]
    public void Recovery_ends_when_authority_lease_and_quarantine_have_run_out()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Acquire("a");
        cluster.Acquire("a");
        cluster.Kill("a");
        cluster.Activate();
        var waiter = cluster.Wait("b");

        // 10 s authority, 11 s lease and grace, 20 s quarantine, 2 % more for the other clock.
        cluster.Advance(TimeSpan.FromSeconds(41.7));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(0.3));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_planned_hand_over_resumes_at_once_and_keeps_the_queue_in_order()
    {
        var cluster = new MiniCluster(Policy);
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        var first = cluster.Wait("b");
        var second = cluster.Wait("c");

        cluster.HandOver();
        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.Granting);
        cluster.Ledger.Describe().Occupancy.Queued.ShouldBe(2);
        cluster.Release("a", running);
        cluster.Advance(TimeSpan.FromSeconds(4));

        first.Answer.ShouldBe(PoolAnswer.Admitted);
        second.Answer.ShouldBe(PoolAnswer.Waiting);
    }

    [Fact]
    public void Nothing_is_taken_back_while_the_epoch_cannot_be_confirmed()
    {
        var cluster = new MiniCluster(Policy, new LedgerOptions { AuthorityTtl = TimeSpan.FromMinutes(5) });
        cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("b");
        cluster.Kill("a");
        cluster.StorageWorks = false;

        cluster.Advance(TimeSpan.FromSeconds(60));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.StorageWorks = true;
        cluster.Advance(TimeSpan.FromSeconds(1));
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_ledger_without_authority_neither_grants_nor_renews()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Release("a", cluster.Acquire("a"));
        cluster.StorageWorks = false;
        cluster.Advance(TimeSpan.FromSeconds(11));

        cluster.Ledger.Describe().Status.ShouldBe(LedgerStatus.NoAuthority);
        cluster.Advance(TimeSpan.FromSeconds(9));
        cluster.Pool("a").HasLease.ShouldBeFalse();
    }

    [Fact]
    public void A_detached_pool_serves_its_own_waiters_from_its_own_permits()
    {
        var cluster = new MiniCluster(Policy);
        var pool = cluster.Pool("a");
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("a");
        cluster.CutOff.Add("a");
        cluster.Time.Advance(TimeSpan.FromSeconds(4));
        pool.BeginExchange().ShouldNotBeNull();
        pool.EndExchange(null).Decided.ShouldBeNull();
        pool.IsDetached.ShouldBeTrue();

        cluster.Release("a", running);

        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_grant_whose_push_was_lost_is_pushed_again()
    {
        var cluster = new MiniCluster(Policy);
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("b");
        cluster.PushesToLose = 1;
        cluster.Release("a", running);
        cluster.PushesToLose.ShouldBe(0);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);

        cluster.Advance(TimeSpan.FromMilliseconds(250));

        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_grant_that_was_on_its_way_during_a_planned_hand_over_is_given_at_once_by_the_successor()
    {
        var cluster = new MiniCluster(Policy);
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("b");
        cluster.PushesToLose = 1;
        cluster.Release("a", running);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);

        cluster.HandOver();
        cluster.Settle();

        waiter.Answer.ShouldBe(PoolAnswer.Admitted, "The holder has heard that its ledger has left, and reports that it has not got the grant.");
    }

    [Fact]
    public void A_grant_that_was_lost_with_the_farewell_is_given_before_the_heartbeat_of_the_lease()
    {
        var cluster = new MiniCluster(Policy);
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("b");
        cluster.PushesToLose = int.MaxValue;
        cluster.Release("a", running);
        cluster.HandOver();
        cluster.Settle();
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);

        cluster.Advance(TimeSpan.FromSeconds(1));

        waiter.Answer.ShouldBe(PoolAnswer.Admitted, "Who waits reports within a second.");
    }

    [Fact]
    public void Lowering_a_limit_admits_nothing_new_until_the_number_in_use_has_fallen_below_it()
    {
        var cluster = new MiniCluster(Policy with { Limit = 4 });
        var running = Enumerable.Range(0, 4).Select(_ => cluster.Acquire("a")).ToList();
        cluster.Apply(Policy with { Limit = 2 }).Errors.ShouldBeEmpty();
        var waiter = cluster.Wait("b");

        cluster.Release("a", running[0]);
        cluster.Release("a", running[1]);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("a", running[2]);
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void Raising_a_limit_serves_those_who_wait()
    {
        var cluster = new MiniCluster(Policy);
        cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("b");
        cluster.Apply(Policy with { Limit = 3 });
        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }
}
