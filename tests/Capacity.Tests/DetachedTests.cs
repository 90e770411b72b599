namespace Admission.Capacity.Tests;

/// <summary>The ledger cannot be reached: what a pool does by itself, and when it stops.</summary>
public class DetachedTests
{
    private static readonly BackendPolicy Wait = new()
    {
        Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 5, MaxWait = TimeSpan.FromSeconds(60), LeaseTtl = TimeSpan.FromSeconds(10), Quarantine = TimeSpan.Zero,
    };

    private static readonly BackendPolicy Refuse = Wait with { Overflow = Overflow.Refuse, QueueCapacity = 0 };

    [Fact]
    public void Admits_from_what_it_holds_until_the_lease_ends_and_then_refuses_with_a_reason_of_its_own()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Release("a", cluster.Acquire("a"));
        var held = cluster.Pool("a").State.Held;
        held.ShouldBeGreaterThan(0);
        Lose(cluster, "a");

        for (var admitted = 0; admitted < held; admitted++)
        {
            cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        }

        cluster.Advance(TimeSpan.FromSeconds(2));
        var beyond = cluster.Acquire("a");
        beyond.Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable, "not that the backend is full, which nobody can know");
        cluster.Pool("a").State.ShouldSatisfyAllConditions(
            state => state.Held.ShouldBe(held), state => state.IsDetached.ShouldBeTrue(), state => state.HasLease.ShouldBeTrue(), state => state.IsCutOff.ShouldBeFalse());

        cluster.Advance(TimeSpan.FromSeconds(7));
        cluster.Pool("a").State.ShouldSatisfyAllConditions(state => state.Held.ShouldBe(0), state => state.IsCutOff.ShouldBeTrue());
        cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
    }

    [Fact]
    public void A_ledger_that_is_away_for_a_moment_costs_no_refusal()
    {
        var cluster = new MiniCluster(Refuse);
        var running = cluster.Acquire("a");
        cluster.Acquire("a");
        Lose(cluster, "a");
        var waiter = cluster.Wait("a");
        var another = cluster.Wait("a");
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);

        cluster.Release("a", running);
        waiter.Answer.ShouldBe(PoolAnswer.Admitted, "its own permits serve it meanwhile");
        another.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Advance(TimeSpan.FromSeconds(1.9));
        cluster.CutOff.Clear();
        cluster.Settle();

        another.Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity, "the ledger is back and knows");
    }

    [Fact]
    public void Nobody_waits_longer_than_two_seconds_for_a_ledger_that_stays_away()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Acquire("a");
        cluster.Acquire("a");
        Lose(cluster, "a");
        var waiter = cluster.Wait("a");
        cluster.Advance(TimeSpan.FromSeconds(1.9));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);

        cluster.Advance(TimeSpan.FromSeconds(0.2));

        waiter.Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
        cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable, "who comes later need not wait to be told");
    }

    [Fact]
    public void Serves_its_own_waiters_from_released_permits_while_an_exchange_hangs_although_others_contend()
    {
        var cluster = new MiniCluster(Wait);
        var pool = cluster.Pool("a");
        var running = cluster.Acquire("a");
        cluster.Acquire("b");
        var elsewhere = cluster.Wait("b");
        var waiter = cluster.Wait("a");
        cluster.CutOff.Add("a");
        cluster.Time.Advance(TimeSpan.FromSeconds(4));
        pool.BeginExchange().ShouldNotBeNull();

        cluster.Release("a", running);
        waiter.Answer.ShouldBe(PoolAnswer.Waiting, "the queue is the ledger's, as long as it may answer");
        cluster.Time.Advance(TimeSpan.FromMilliseconds(500));
        cluster.Settle();

        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
        elsewhere.Answer.ShouldBe(PoolAnswer.Waiting);
        pool.State.ShouldSatisfyAllConditions(state => state.InUse.ShouldBe(1), state => state.DetachedFor.ShouldBe(TimeSpan.FromSeconds(4.5)));
    }

    [Fact]
    public void A_waiter_is_bounded_by_its_deadline_and_is_told_that_the_ledger_is_away()
    {
        var cluster = new MiniCluster(Wait with { MaxWait = TimeSpan.FromSeconds(3) });
        cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("a");
        Lose(cluster, "a");

        cluster.Advance(TimeSpan.FromSeconds(3));

        waiter.Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
    }

    [Fact]
    public void A_waiter_outlives_the_lease_and_is_served_when_the_ledger_is_back()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a");
        cluster.Acquire("a");
        var waiter = cluster.Wait("a");
        Lose(cluster, "a");
        cluster.Advance(TimeSpan.FromSeconds(20));
        waiter.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable, "who comes now need not wait to be told");

        cluster.CutOff.Clear();
        cluster.Settle();

        waiter.Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void The_retry_after_grows_with_the_outage_once_the_lease_has_ended()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Release("a", cluster.Acquire("a"));
        Lose(cluster, "a");
        cluster.Advance(TimeSpan.FromSeconds(12));
        RetryAfter().ShouldBe(TimeSpan.FromSeconds(16), "the third of the lease before it was noticed, and 12 s, in whole seconds");
        cluster.Advance(TimeSpan.FromSeconds(1));
        RetryAfter().ShouldBe(TimeSpan.FromSeconds(17));
        cluster.Advance(TimeSpan.FromSeconds(40));
        RetryAfter().ShouldBe(TimeSpan.FromSeconds(30));

        TimeSpan RetryAfter() => cluster.Acquire("a").Refusal!.Occupancy.RetryAfter;
    }

    [Fact]
    public void A_pool_that_refuses_without_a_lease_goes_on_asking_and_serves_after_one_exchange()
    {
        var cluster = new MiniCluster(Refuse with { LeaseTtl = TimeSpan.FromMinutes(5) });
        cluster.Release("a", cluster.Acquire("a"));
        var before = cluster.Pool("a").Life.Incarnation;
        Lose(cluster, "a");

        // Refusing keeps it awake, however long it lasts.
        for (var minute = 0; minute < 10; minute++)
        {
            cluster.Time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromSeconds(1));
            cluster.Settle();
            Fail(cluster.Pool("a"));
            cluster.Acquire("a");
        }

        cluster.Pool("a").State.IsCutOff.ShouldBeTrue();
        cluster.CutOff.Clear();
        var exchanges = cluster.Exchanges;
        cluster.Settle();

        cluster.Exchanges.ShouldBeGreaterThan(exchanges, "it does not wait for its heartbeat");
        cluster.Pool("a").State.ShouldSatisfyAllConditions(state => state.HasLease.ShouldBeTrue(), state => state.IsDetached.ShouldBeFalse());
        cluster.Pool("a").Life.Incarnation.ShouldBe(before + 1);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void A_life_says_at_once_that_its_lease_has_ended_and_frees_nothing_afterwards()
    {
        var cluster = new MiniCluster(Wait);
        var pool = cluster.Pool("a");
        var stale = cluster.Acquire("a");
        cluster.Acquire("a");
        var life = stale.Permit.Life;
        life.HasLease.ShouldBeTrue();

        // The process is stopped: no tick, no alarm.
        cluster.CutOff.Add("a");
        cluster.Time.Advance(TimeSpan.FromSeconds(9));
        life.HasLease.ShouldBeFalse();
        pool.Release(stale.Permit).WantsExchange.ShouldBeFalse();
        pool.TryAcquire(default, out _).ShouldBeFalse("what came back belongs to nobody here");

        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(3));
        pool.Life.ShouldNotBeSameAs(life);
        life.HasLease.ShouldBeFalse();
    }

    [Fact]
    public void A_permit_of_an_ended_life_frees_nothing_in_the_next()
    {
        var cluster = new MiniCluster(Wait);
        var stale = cluster.Acquire("a");
        cluster.CutOff.Add("a");
        cluster.Time.Advance(TimeSpan.FromSeconds(9));
        cluster.Settle();
        cluster.CutOff.Clear();
        cluster.Advance(TimeSpan.FromSeconds(5));
        cluster.Acquire("a");
        cluster.Acquire("a");
        var (held, inUse) = (cluster.Pool("a").State.Held, cluster.Pool("a").State.InUse);
        inUse.ShouldBe(2);

        cluster.Release("a", stale);

        cluster.Pool("a").State.ShouldSatisfyAllConditions(state => state.Held.ShouldBe(held), state => state.InUse.ShouldBe(inUse));
    }

    /// <summary>From now on no exchange is answered; the first fails.</summary>
    private static void Lose(MiniCluster cluster, string holder)
    {
        cluster.CutOff.Add(holder);
        cluster.Time.Advance(TimeSpan.FromTicks(cluster.Policy.LeaseTtl.Ticks / 3) + TimeSpan.FromTicks(1));
        Fail(cluster.Pool(holder));
        cluster.Pool(holder).IsDetached.ShouldBeTrue();
    }

    private static void Fail(PermitPool pool)
    {
        pool.BeginExchange().ShouldNotBeNull();
        pool.EndExchange(null);
    }
}
