using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

/// <summary>The numbers of learned patience in docs/algorithms.md, and what holds for any.</summary>
public class PatienceNumbersTests
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 8, Overflow = Overflow.Wait, QueueCapacity = 1_000, MaxWait = TimeSpan.FromSeconds(30),
    };

    [Theory]
    [InlineData(70, 0, 0, 0, 1)]
    [InlineData(70, 30, 0, 0, 4 / 34.0)]
    [InlineData(70, 30, 0, 30, 1 - (30 / 64.0))]
    [InlineData(70, 30, 30, 0, 1 - (30 / 49.0))]
    public void Who_was_answered_counts_as_present_until_then(int answeredAfter50, int leftAfter200, int answeredAfter200, int answeredAfter300, double stays)
    {
        var patience = new ClientPatience(new ManualTime());
        patience.Add(null, Totals(new Seen(50, 0, answeredAfter50), new Seen(200, leftAfter200, answeredAfter200), new Seen(300, 0, answeredAfter300)));
        patience.StaysBeyond(OpenLoad.Ms(200)).ShouldBe(stays, 1e-9);
        patience.StaysBeyond(OpenLoad.Ms(190)).ShouldBe(1);
    }

    [Fact]
    public void A_queue_for_clients_that_stay_200_ms_has_22_places()
    {
        var ledger = new DirectLedger(Policy);
        ledger.Report(held: 0, tickets: 8);
        ledger.Report(
            held: 8, inUse: 8, applied: 8, tickets: 30, work: new WorkTotals(100, 100, TimeSpan.FromSeconds(5)), clients: Totals(new Seen(50, 0, 70), new Seen(200, 30, 0)));
        ledger.Describe().LongestWait!.Value.TotalMilliseconds.ShouldBe(139.6, 0.1);
        ledger.LastReply.Positions.Length.ShouldBe(22);
        ledger.LastReply.Positions.Single(position => position.Position == 22).ExpectedWait.ShouldBe(OpenLoad.Ms(137.5));
        ledger.LastReply.Decisions.Length.ShouldBe(8);
        ledger.LastReply.Decisions.ShouldAllBe(decision => decision.Refusal!.Reason == RefusalReason.TooLate);
    }

    [Fact]
    public void It_has_all_its_places_where_patience_is_ignored_or_nobody_leaves()
    {
        var seen = Totals(new Seen(50, 0, 70), new Seen(200, 30, 0));
        foreach (var (policy, clients) in new[] { (Policy with { IgnoresPatience = true }, seen), (Policy, Totals(new Seen(50, 0, 70), new Seen(200, 0, 30))) })
        {
            var ledger = new DirectLedger(policy);
            ledger.Report(held: 0, tickets: 8);
            ledger.Report(held: 8, inUse: 8, applied: 8, tickets: 30, work: new WorkTotals(100, 100, TimeSpan.FromSeconds(5)), clients: clients);
            ledger.LastReply.Positions.Length.ShouldBe(30);
            ledger.Describe().LongestWait.ShouldBeNull();
        }
    }

    [Fact]
    public void Who_has_waited_too_long_makes_room_for_the_next_while_there_are_fewer_permits_than_wait()
    {
        var ledger = new DirectLedger(Policy);
        ledger.Report(held: 0, tickets: 8);
        ledger.Report(held: 8, inUse: 8, applied: 8, tickets: 10, work: new WorkTotals(100, 100, TimeSpan.FromSeconds(5)), clients: Totals(new Seen(50, 0, 70), new Seen(200, 30, 0)));
        ledger.LastReply.Decisions.ShouldBeEmpty();
        ledger.Pass(OpenLoad.Ms(160));
        ledger.Report(held: 6, inUse: 6, applied: 8);
        ledger.LastReply.Decisions.Count(decision => decision.Refusal?.Reason == RefusalReason.TooLate).ShouldBe(8);
        ledger.LastReply.Decisions.Where(decision => decision.Kind == DecisionKind.Grant).Select(decision => decision.Ticket).ShouldBe([17, 18], "nobody else wants the two permits");
    }

    [Theory]
    [InlineData(1_600, 0, 0, 0.75)]
    [InlineData(1_000, 5, 0.0047, 0.75)]
    [InlineData(1_005, 19, 0.0175, 0.3875)]
    [InlineData(1_000, 48, 0.0432, 0.02)]
    public void What_is_for_nothing_is_tolerated_while_it_is_little(long inTime, long forNothing, double waste, double tolerated)
    {
        var patience = new ClientPatience(new ManualTime());
        patience.Add(null, Totals(new Seen(50, 0, 70)) with { InTime = inTime, ForNothing = forNothing });
        patience.LongestWait.ShouldBeNull();
        patience.Waste.ShouldBe(waste, 0.0001);
        patience.Tolerated.ShouldBe(tolerated, 0.01);
    }

    [Fact]
    public void A_longer_wait_is_tried_again_after_a_minute()
    {
        var time = new ManualTime();
        var patience = new ClientPatience(time);
        patience.Add(null, Totals(new Seen(50, 0, 70), new Seen(200, 256, 0)));
        for (var second = 0; second < 60; second++)
        {
            patience.LongestWait.ShouldNotBeNull($"after {second} s");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        time.Advance(TimeSpan.FromSeconds(8));
        patience.LongestWait.ShouldBeNull();
    }

    [Fact]
    public void Patience_of_half_a_minute_is_remembered_for_two_hours()
    {
        var time = new ManualTime();
        var patience = new ClientPatience(time);
        patience.Add(null, Totals(new Seen(50, 0, 70), new Seen(30_000, 256, 0)));
        time.Advance(TimeSpan.FromHours(2));
        patience.LongestWait.ShouldNotBeNull();
        time.Advance(TimeSpan.FromHours(0.5));
        patience.LongestWait.ShouldBeNull();
    }

    [Fact]
    public void A_new_ledger_is_told_again()
    {
        var cluster = new MiniCluster(Policy with { Limit = 1 });
        var first = cluster.Acquire("a");
        for (var i = 0; i < 40; i++)
        {
            var waiter = cluster.Wait("b");
            cluster.Time.Advance(OpenLoad.Ms(5));
            cluster.GiveUp("b", waiter);
        }

        cluster.Time.Advance(OpenLoad.Ms(100));
        cluster.Release("a", first);
        cluster.Advance(TimeSpan.FromSeconds(5));
        cluster.Ledger.Describe().ClientsLeft.ShouldBe(40);
        cluster.HandOver();
        cluster.Advance(TimeSpan.FromSeconds(5));
        cluster.Ledger.Describe().ClientsLeft.ShouldBe(40);
    }

    [Fact]
    public void What_clients_do_is_counted_once_whatever_is_called_how_often()
    {
        var cluster = new MiniCluster(Policy with { Limit = 2 });
        var one = cluster.Acquire("a");
        var pool = cluster.Pool("a");
        cluster.Time.Advance(OpenLoad.Ms(50));
        one.Permit.IsWatched.ShouldBeTrue();
        pool.ClientLeft(one.Permit);
        pool.ClientLeft(one.Permit);
        pool.ClientAnswered(one.Permit);
        cluster.Release("a", one);
        pool.ClientLeft(one.Permit);
        var two = cluster.Acquire("a");
        cluster.Time.Advance(OpenLoad.Ms(50));
        pool.ClientAnswered(two.Permit);
        pool.ClientLeft(two.Permit);
        pool.RunTimedOut(two.Permit);
        cluster.Release("a", two);
        cluster.Advance(TimeSpan.FromSeconds(5));
        var described = cluster.Ledger.Describe();
        described.ClientsLeft.ShouldBe(1);
        described.RunTimeouts.ShouldBe(1);
    }

    [Fact]
    public void Nobody_is_watched_where_nobody_waits()
    {
        var cluster = new MiniCluster(new BackendPolicy { Limit = 2 });
        cluster.Acquire("a").Permit.IsWatched.ShouldBeFalse();
    }

    [Fact]
    public void Fewer_clients_stay_longer_and_a_repeated_report_changes_nothing()
    {
        Prop.ForAll(Gen.Choose(0, 99_999).ListOf().ToArbitrary(), operations =>
        {
            var time = new ManualTime();
            var patience = new ClientPatience(time);
            var seen = new SortedDictionary<int, ClientBucket>();
            ClientTotals? before = null;
            foreach (var operation in operations)
            {
                var bucket = operation % PatienceBuckets.Count;
                var had = seen.GetValueOrDefault(bucket);
                seen[bucket] = new ClientBucket(bucket, had.Left + (operation / 200 % 3), had.Stayed + (operation / 600 % 5), had.Answers + (operation % 2));
                var now = new ClientTotals { Buckets = [.. seen.Values] };
                patience.Add(before, now);
                time.Advance(OpenLoad.Ms(30));
                var stays = Enumerable.Range(0, PatienceBuckets.Count).Select(each => patience.StaysBeyond(OpenLoad.Ms(PatienceBuckets.Middle(each)))).ToArray();
                stays.ShouldAllBe(share => share > 0 && share <= 1);
                stays.Zip(stays.Skip(1)).ShouldAllBe(pair => pair.First >= pair.Second);
                patience.Departures.ShouldBe(seen.Values.Sum(each => each.Left));
                patience.Add(now, now);
                var again = Enumerable.Range(0, PatienceBuckets.Count).Select(each => patience.StaysBeyond(OpenLoad.Ms(PatienceBuckets.Middle(each))));
                again.ShouldBe(stays);
                before = now;
            }

            (patience.LongestWait is null || patience.Departures > 0).ShouldBeTrue("while nobody leaves, nobody is refused");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_bucket_is_a_tenth_of_its_time_wide()
    {
        Prop.ForAll(Gen.Choose(1, 4_000_000).ToArbitrary(), milliseconds =>
        {
            var bucket = PatienceBuckets.Of(OpenLoad.Ms(milliseconds));
            PatienceBuckets.Start(bucket).ShouldBeLessThanOrEqualTo(milliseconds * (1 + 1e-12));
            PatienceBuckets.Start(bucket + 1).ShouldBeGreaterThan(milliseconds * (1 - 1e-12));
            PatienceBuckets.Of(PatienceBuckets.Middle(bucket)).ShouldBe(bucket);
        }).QuickCheckThrowOnFailure();
        PatienceBuckets.Of(TimeSpan.Zero).ShouldBe(0);
        (PatienceBuckets.Start(PatienceBuckets.Of(50.0)), PatienceBuckets.Start(PatienceBuckets.Of(50.0) + 1)).ShouldSatisfyAllConditions(
            bucket => bucket.Item1.ShouldBe(49.4, 0.05), bucket => bucket.Item2.ShouldBe(53.8, 0.05));
        (PatienceBuckets.Start(PatienceBuckets.Of(200.0)), PatienceBuckets.Start(PatienceBuckets.Of(200.0) + 1)).ShouldSatisfyAllConditions(
            bucket => bucket.Item1.ShouldBe(197.4, 0.05), bucket => bucket.Item2.ShouldBe(215.3, 0.05));
        PatienceBuckets.Of(TimeSpan.FromDays(1)).ShouldBe(PatienceBuckets.Count - 1);
    }

    [Fact]
    public void A_report_of_counts_that_no_pool_makes_is_refused()
    {
        var ledger = new DirectLedger(Policy);
        foreach (var buckets in new ClientBucket[][] { [new(176, 1, 0, 0)], [new(-1, 1, 0, 0)], [new(3, 1, 0, 0), new(3, 1, 0, 0)], [new(3, -1, 0, 0)] })
        {
            Should.Throw<ArgumentException>(() => ledger.Report(held: 0, clients: new ClientTotals { Buckets = buckets }));
        }
    }

    /// <summary>Totals in which every answer took 50 ms from the grant.</summary>
    private static ClientTotals Totals(params Seen[] all)
    {
        var buckets = all.Where(seen => seen.Left + seen.Stayed > 0)
            .Select(seen => new ClientBucket(PatienceBuckets.Of(OpenLoad.Ms(seen.After)), seen.Left, seen.Stayed, seen.After == 50 ? 70 : 0));
        return new ClientTotals { Buckets = [.. buckets], InTime = all.Sum(seen => seen.Stayed) };
    }

    private readonly record struct Seen(double After, long Left, long Stayed);
}
