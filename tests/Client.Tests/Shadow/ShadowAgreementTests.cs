using Admission.Capacity;
using Admission.Simulator;

namespace Admission.Client.Tests;

/// <summary>What a policy in shadow counts is what the same policy does when it is enforced, on the same arrivals: the simulator's replay is the judge.</summary>
public class ShadowAgreementTests
{
    private static readonly BackendPolicy Refuse = new() { Limit = 4 };

    private static readonly BackendPolicy Wait = new()
    {
        Limit = 4, Overflow = Overflow.Wait, QueueCapacity = 20, MaxWait = TimeSpan.FromMilliseconds(300), IgnoresPatience = true,
    };

    public static TheoryData<string, double, int> Loads => new()
    {
        { "refuse", 60, 1 }, { "refuse", 150, 2 }, { "wait", 60, 3 }, { "wait", 95, 4 }, { "wait", 150, 5 }, { "fair", 120, 6 }, { "heavy", 50, 7 },
    };

    [Theory]
    [MemberData(nameof(Loads))]
    public void Beside_nothing_it_counts_what_the_policy_does_when_it_is_enforced(string kind, double rate, int seed)
    {
        var policy = kind == "refuse" ? Refuse : Wait;
        var load = Load(rate) with
        {
            Tenants = kind == "fair" ? 5 : 0,
            Greed = kind == "fair" ? 10 : 1,
            Priorities = kind == "fair" ? [Priorities.Critical, Priorities.Normal] : [Priorities.Normal],
            Weights = kind == "heavy" ? [1, 3] : [1],
        };
        var arrivals = load.Arrivals((ulong)seed).ToList();
        var world = new ShadowWorld(policy);
        world.Offer(arrivals);
        world.Real.ShouldAllBe(request => request.Began == TimeSpan.Zero);

        // Exact but for instants: timers of both fire within a millisecond of each other.
        var enforced = Replay(policy, arrivals);
        var totals = world.Totals;
        totals.Requests.ShouldBe(arrivals.Count);
        totals.AssumedRuns.ShouldBe(0);
        Near(totals.AllRefused, enforced.All.Refused, arrivals.Count / 100.0);
        foreach (var (reason, count) in enforced.Refusals)
        {
            Near(totals.Refused.FirstOrDefault(each => each.Reason == reason).Count, count, arrivals.Count / 100.0);
        }

        Near((totals.WaitedFor / (totals.AtOnce + totals.Waited)).TotalMilliseconds, enforced.All.Waits.Mean.TotalMilliseconds, 0.5 + (0.03 * enforced.All.Waits.Mean.TotalMilliseconds));
    }

    [Fact]
    public void Clients_that_wait_and_leave_are_seen_to_leave_in_shadow_too()
    {
        var arrivals = (Load(150) with { Patience = TimeSpan.FromMilliseconds(120) }).Arrivals(8).ToList();
        var world = new ShadowWorld(Wait, Wait);
        world.Offer(arrivals);
        var enforced = Replay(Wait, arrivals);
        enforced.All.Left.ShouldBeGreaterThan(arrivals.Count / 10);
        Near(world.Totals.GaveUp, enforced.All.Left, arrivals.Count / 50.0);
        Near(world.Totals.AllRefused, enforced.All.Refused, arrivals.Count / 50.0);
    }

    [Theory]
    [InlineData(6, 9)]
    [InlineData(8, 10)]
    [InlineData(3, 11)]
    public void Beside_another_policy_it_counts_what_it_would_do_alone(int proposed, int seed)
    {
        var policy = Wait with { Limit = proposed };
        var arrivals = Load(130).Arrivals((ulong)seed).ToList();
        var world = new ShadowWorld(policy, Wait);
        world.Offer(arrivals);
        var alone = Replay(policy, arrivals);
        var totals = world.Totals;

        // Where it admits more than is enforced, some runs are those of other requests.
        (totals.AssumedRuns > arrivals.Count / 4).ShouldBe(proposed > 4);
        Near(totals.AllRefused, alone.All.Refused, arrivals.Count * 0.03);
        Near((totals.WaitedFor / (totals.AtOnce + totals.Waited)).TotalMilliseconds, alone.All.Waits.Mean.TotalMilliseconds, 2 + (0.15 * alone.All.Waits.Mean.TotalMilliseconds));
    }

    [Fact]
    public void What_is_enforced_is_the_same_with_a_shadow_as_without()
    {
        var arrivals = (Load(130) with { Patience = TimeSpan.FromMilliseconds(400) }).Arrivals(12).ToList();
        var without = new ShadowWorld(new BackendPolicy { Limit = 1_000_000 }, Wait);
        var with = new ShadowWorld(new BackendPolicy { Limit = 0 }, Wait);
        without.Offer(arrivals);
        with.Offer(arrivals);
        with.Real.ShouldBe(without.Real);
        with.Real.Count(request => request.Began is null).ShouldBeGreaterThan(100);
        with.Totals.AllRefused.ShouldBe(arrivals.Count);
        without.Totals.AtOnce.ShouldBe(arrivals.Count);
    }

    [Fact]
    public void Percentiles_are_those_of_the_waits()
    {
        var tally = new ShadowTally(new VirtualTime());
        for (var milliseconds = 1; milliseconds <= 1000; milliseconds++)
        {
            tally.Begin();
            tally.Waited(TimeSpan.FromMilliseconds(milliseconds));
        }

        var totals = tally.Totals;
        totals.MeanWait!.Value.TotalMilliseconds.ShouldBe(500.5, 0.001);
        totals.WaitAt(0.5)!.Value.TotalMilliseconds.ShouldBe(500, 25);
        totals.WaitAt(0.99)!.Value.TotalMilliseconds.ShouldBe(990, 50);
        var twice = ShadowTotals.Sum([totals, totals])!;
        twice.WaitAt(0.5).ShouldBe(totals.WaitAt(0.5));
        twice.Waited.ShouldBe(2000);
    }

    private static SyntheticLoad Load(double rate) => new() { Rate = rate, Duration = TimeSpan.FromSeconds(20), Service = TimeSpan.FromMilliseconds(40) };

    private static ReplayResult Replay(BackendPolicy policy, IEnumerable<OfferedRequest> arrivals) =>
        BackendReplay.Run(new ReplayOptions { Policy = policy, Frontends = 1, Delay = TimeSpan.Zero }, arrivals);

    private static void Near(double actual, double expected, double tolerance) => actual.ShouldBe(expected, tolerance);
}
