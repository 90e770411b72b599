namespace Admission.Capacity.Tests;

/// <summary>What a ledger tells in short, and keeps of its last 15 minutes.</summary>
public sealed class GlanceTests
{
    private static readonly BackendPolicy Wait = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 3, MaxWait = TimeSpan.FromSeconds(60), RunTimeout = TimeSpan.FromMinutes(30) };
    private static readonly TimeSpan Slot = LedgerSeries.SlotLength;

    [Fact]
    public void It_tells_how_the_backend_stands()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a");
        cluster.Acquire("a");
        cluster.Wait("b");
        cluster.Advance(TimeSpan.FromSeconds(1));

        var glance = cluster.Ledger.Glance();

        (glance.Limit, glance.InUse, glance.Idle, glance.Waiting, glance.QueueCapacity, glance.Holders).ShouldBe((2, 2, 0, 1, 3, 2));
        glance.Status.ShouldBe(LedgerStatus.Granting);
        glance.SaturatedFor.ShouldNotBeNull();
        glance.CountsAreMissing.ShouldBeFalse();
        glance.Recovery.ShouldBeNull();
    }

    [Fact]
    public void What_a_pool_decides_by_itself_is_counted_with_its_next_report()
    {
        var cluster = new MiniCluster(Wait with { Overflow = Overflow.Refuse });
        var held = cluster.Acquire("a");
        for (var i = 0; i < 99; i++)
        {
            cluster.Release("a", held);
            held = cluster.Acquire("a");
        }

        cluster.Acquire("a");
        for (var i = 0; i < 50; i++)
        {
            cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Refused);
        }

        // Beyond a heartbeat: the report that tells.
        cluster.Advance(TimeSpan.FromSeconds(4));
        var glance = cluster.Ledger.Glance();

        (glance.ServedPerSecond * 4).ShouldBeInRange(99, 101);
        (glance.RefusedPerSecond * 4).ShouldBe(50, 0.5);
        glance.WaitP50.ShouldBe(TimeSpan.Zero, "they found a permit in memory");
    }

    [Fact]
    public void Waits_are_told_as_quantiles_of_all_who_were_served_and_fade()
    {
        var cluster = new MiniCluster(Wait with { Limit = 1 });
        var held = cluster.Acquire("a");
        for (var i = 0; i < 9; i++)
        {
            var waiting = cluster.Wait("a");
            cluster.Advance(TimeSpan.FromSeconds(2));
            cluster.Release("a", held);
            held = waiting.Result!.Value;
        }

        var glance = cluster.Ledger.Glance();
        glance.WaitP50!.Value.TotalSeconds.ShouldBe(2, 0.2);
        glance.WaitP99!.Value.TotalSeconds.ShouldBe(2, 0.2);

        cluster.Advance(TimeSpan.FromSeconds(61));
        cluster.Ledger.Glance().WaitP99.ShouldBeNull("nobody was served in the last minute");
    }

    [Fact]
    public void Each_destination_says_how_much_of_what_is_booked_is_idle()
    {
        var cluster = new MiniCluster(new BackendPolicy { Destinations = [new("one", 4), new("two", 4)] });
        PoolResult[] held = [.. Enumerable.Range(0, 6).Select(_ => cluster.Acquire("a"))];
        Array.ForEach(held[..3], each => cluster.Release("a", each));
        cluster.Advance(TimeSpan.FromSeconds(4));

        var described = cluster.Ledger.Describe();

        described.Destinations.Sum(each => each.Idle).ShouldBe(cluster.Ledger.Glance().Idle);
        described.Destinations.Sum(each => each.Booked - each.Idle).ShouldBe(3);
        described.Destinations.ShouldAllBe(each => each.Idle >= 0 && each.Idle <= each.Booked);
    }

    [Fact]
    public void While_somebody_looks_closely_what_is_in_use_is_no_older_than_a_second()
    {
        var cluster = new MiniCluster(Wait);
        var held = cluster.Acquire("a");
        cluster.Release("a", held);
        cluster.Advance(TimeSpan.FromSeconds(4));
        for (var second = 0; second < 10; second++)
        {
            // The holder hears of it with its next report, at most a heartbeat later.
            held = cluster.Acquire("a");
            cluster.Advance(TimeSpan.FromSeconds(1));
            var inUse = cluster.Ledger.Glance(closely: true).InUse;
            (inUse == 1 || second < 4).ShouldBeTrue($"In second {second} it is said that {inUse} is in use.");
            cluster.Release("a", held);
            cluster.Advance(TimeSpan.FromSeconds(1));
            inUse = cluster.Ledger.Glance(closely: true).InUse;
            (inUse == 0 || second < 4).ShouldBeTrue($"In second {second} it is said that {inUse} is in use after the release.");
        }

        cluster.Advance(TimeSpan.FromSeconds(10));
        var before = cluster.Exchanges;
        cluster.Advance(TimeSpan.FromSeconds(10));
        (cluster.Exchanges - before).ShouldBeInRange(2, 4, "when nobody looks any more it reports as usual");
    }

    [Fact]
    public void A_sample_has_the_most_of_its_five_seconds()
    {
        var cluster = new MiniCluster(Wait);
        var held = new[] { cluster.Acquire("a"), cluster.Acquire("a") };
        var waiting = cluster.Wait("a");
        cluster.Advance(TimeSpan.FromSeconds(1));
        cluster.GiveUp("a", waiting);
        cluster.Release("a", held[0]);
        cluster.Release("a", held[1]);
        cluster.Advance(Slot);

        var glance = cluster.Ledger.Glance();

        glance.LastSample.ShouldBe(0);
        glance.SampleAge.TotalSeconds.ShouldBe(1, 0.2);
        glance.Samples.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            sample => sample.Limit.ShouldBe(2), sample => sample.InUse.ShouldBe(2), sample => sample.Waiting.ShouldBe(1));
    }

    [Fact]
    public void What_was_missed_between_two_turns_is_filled_in_with_how_it_stood()
    {
        var time = new ManualTime();
        var series = new LedgerSeries(new MonotonicClock(time), time.GetTimestamp());
        series.Note(time.GetTimestamp(), 4, 1, 0);
        series.Count(time.GetTimestamp(), 5, 7, 3);
        time.Advance(7 * Slot);
        series.Note(time.GetTimestamp(), 8, 2, 1);
        time.Advance(Slot);

        var (last, age, samples) = series.Read(time.GetTimestamp(), -1);

        (last, age).ShouldBe((7, TimeSpan.Zero));
        samples.Length.ShouldBe(8);
        samples[0].ShouldBe(new LedgerSample(4, 1, 0, 3, 7));
        samples[1..7].ShouldAllBe(sample => sample == new LedgerSample(4, 1, 0, 0, 0));
        samples[7].ShouldBe(new LedgerSample(8, 2, 1, 0, 0));
    }

    [Fact]
    public void The_ring_keeps_fifteen_minutes_and_tells_only_what_is_news()
    {
        var time = new ManualTime();
        var series = new LedgerSeries(new MonotonicClock(time), time.GetTimestamp());
        for (var slot = 0; slot < 1000; slot++)
        {
            series.Note(time.GetTimestamp(), slot, 0, 0);
            time.Advance(Slot);
        }

        var (last, _, samples) = series.Read(time.GetTimestamp(), -1);
        (last, samples.Length, samples[0].Limit, samples[^1].Limit).ShouldBe((999, 180, 820, 999));
        series.Read(time.GetTimestamp(), 997).Samples.Select(sample => sample.Limit).ShouldBe([998, 999]);
        series.Read(time.GetTimestamp(), 999).Samples.ShouldBeEmpty();

        // Nobody came for a day.
        time.Advance(TimeSpan.FromDays(1));
        series.Read(time.GetTimestamp(), 999).Samples.Length.ShouldBe(180);
        series.Read(time.GetTimestamp(), 999).Samples.ShouldAllBe(sample => sample.Limit == 999 && sample.Served == 0);
    }

    [Fact]
    public void Samples_of_another_epoch_are_told_from_the_first()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Advance(3 * Slot);
        var known = cluster.Ledger.Glance();
        cluster.Ledger.Glance(known.Epoch, known.LastSample).Samples.ShouldBeEmpty();
        cluster.HandOver();
        cluster.Advance(Slot);

        cluster.Ledger.Glance(known.Epoch, known.LastSample).Samples.Length.ShouldBe(1);
    }

    [Fact]
    public void Noting_a_turn_allocates_nothing()
    {
        var time = new ManualTime();
        var series = new LedgerSeries(new MonotonicClock(time), time.GetTimestamp());
        Turns();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turns();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Turns()
        {
            for (var i = 0; i < 1_000; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                series.Count(time.GetTimestamp(), 1, 2, 1);
                series.CountWait(time.GetTimestamp(), TimeSpan.FromMilliseconds(i));
                series.Note(time.GetTimestamp(), 4, i, i);
            }
        }
    }

    [Fact]
    public void A_lost_lease_and_a_recovery_are_told_with_their_time()
    {
        var cluster = new MiniCluster(Wait);
        cluster.Acquire("a");
        cluster.Lose("a");
        cluster.Advance(TimeSpan.FromSeconds(20));

        var glance = cluster.Ledger.Glance();
        glance.LeaseLosses.ShouldBe(1);
        glance.LastLeaseLoss!.Value.TotalSeconds.ShouldBeInRange(5, 15);
        glance.Quarantined.ShouldBeGreaterThan(0);

        cluster.Acquire("b");
        cluster.Activate();
        cluster.Ledger.Glance().Status.ShouldBe(LedgerStatus.Recovering);
        cluster.Ledger.Glance().Recovery.ShouldBe(TimeSpan.Zero);
    }
}
