namespace Admission.Capacity.Tests;

/// <summary>What pools and ledgers count for instruments.</summary>
public sealed class CountingTests
{
    private static readonly BackendPolicy Refuse = new() { Limit = 2 };
    private static readonly BackendPolicy Wait = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 3, MaxWait = TimeSpan.FromSeconds(5) };

    [Fact]
    public void Each_request_is_counted_once_by_what_became_of_it()
    {
        var cluster = new MiniCluster(Wait);
        var held = new[] { cluster.Acquire("a"), cluster.Acquire("a") };
        var (served, left, late) = (cluster.Wait("a"), cluster.Wait("a"), cluster.Wait("a"));
        cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.QueueFull);
        cluster.Release("a", held[0]);
        served.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.GiveUp("a", left);
        cluster.Advance(TimeSpan.FromSeconds(6));
        late.Result!.Value.Refusal!.Reason.ShouldBe(RefusalReason.WaitExpired);
        cluster.Release("a", held[1]);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);

        var totals = cluster.Pool("a").Totals;
        (totals.AdmittedAtOnce + totals.AdmittedAfterWait).ShouldBe(4);
        totals.AdmittedAfterWait.ShouldBeGreaterThanOrEqualTo(1);
        totals.GivenUp.ShouldBe(1);
        totals.Refused.ShouldBe([new(RefusalReason.QueueFull, 1), new(RefusalReason.WaitExpired, 1)]);
    }

    [Fact]
    public void What_a_standing_notice_refuses_without_the_lock_is_counted_too()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Acquire("a");
        cluster.Acquire("a");
        var before = Refused(cluster);
        for (var i = 0; i < 1000; i++)
        {
            // No time passes, so the notice of the first refusal stands.
            (cluster.Pool("a").TryAcquire(default, out var refused) ? refused : cluster.Acquire("a")).Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        }

        (Refused(cluster) - before).ShouldBe(1000);

        static long Refused(MiniCluster cluster) => cluster.Pool("a").Totals.Refused.Where(refused => refused.Reason == RefusalReason.AtCapacity).Sum(refused => refused.Count);
    }

    [Fact]
    public void A_recall_is_counted_when_it_begins()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Release("a", cluster.Acquire("a"));
        cluster.Pool("a").Idle.ShouldBeGreaterThan(0);
        cluster.Pool("a").Totals.Recalls.ShouldBe(0);
        cluster.Acquire("b");
        cluster.Acquire("b");
        cluster.Acquire("b");
        cluster.Pool("a").Idle.ShouldBe(0);
        cluster.Pool("a").Totals.Recalls.ShouldBe(1);
    }

    [Fact]
    public void A_lost_lease_counts_when_permits_go_with_it_and_the_time_without_a_ledger_while_it_is_asked_for()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a");
        cluster.Pool("a").Totals.Detached.ShouldBe(TimeSpan.Zero);
        cluster.Lose("a");
        var pool = cluster.Pool("a");
        for (var second = 0; second < 40; second++)
        {
            cluster.Time.Advance(TimeSpan.FromSeconds(1));
            _ = pool.Tick();
            if (pool.BeginExchange() is not null)
            {
                _ = pool.EndExchange(null);
            }
        }

        pool.Totals.LeasesLost.ShouldBe(1, "the second life held nothing");
        pool.Totals.Detached.TotalSeconds.ShouldBeInRange(38, 41);

        // Nobody uses it, so it asks no more, and the time does not count.
        cluster.Time.Advance(TimeSpan.FromHours(1));
        cluster.CutOff.Clear();
        cluster.Acquire("a");
        pool.Totals.Detached.TotalSeconds.ShouldBeLessThan(100);
    }

    [Fact]
    public void A_reason_that_only_a_later_version_knows_is_counted_as_none()
    {
        var cluster = new MiniCluster(Refuse);
        var later = (RefusalReason)200;
        later.Counter().ShouldBe(0);
        ((RefusalReason)(-1)).Counter().ShouldBe(0);
        foreach (var reason in Enum.GetValues<RefusalReason>())
        {
            reason.Counter().ShouldBe((int)reason);
        }

        cluster.Pool("a").Totals.Refused.ShouldBeEmpty();
    }

    [Fact]
    public void A_ledger_is_read_as_it_is_described()
    {
        var cluster = new MiniCluster(Wait with { Limit = 5, Destinations = [new DestinationLimit("one", 2), new DestinationLimit("two", 3)] });
        for (var i = 0; i < 7; i++)
        {
            cluster.Acquire("a");
        }

        var reading = new LedgerReading();
        cluster.Ledger.Read(reading);
        var described = cluster.Ledger.Describe();
        (reading.Epoch, reading.Status).ShouldBe((described.Epoch, LedgerStatus.Granting));
        (reading.Limit, reading.InUse + reading.Quarantined, reading.Waiting).ShouldBe((described.Occupancy.Limit, described.Occupancy.InUse, described.Occupancy.Queued));
        (reading.Limit, reading.InUse, reading.Idle, reading.Quarantined, reading.Waiting, reading.Holders).ShouldBe((5, 5, 0, 0, 2, 1));
        reading.Destinations.ToArray().ShouldBe([new DestinationReading("one", 2, 2, 2), new DestinationReading("two", 3, 3, 3)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        cluster.Ledger.Read(reading);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
