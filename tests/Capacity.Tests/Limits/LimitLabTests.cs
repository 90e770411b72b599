namespace Admission.Capacity.Tests;

/// <summary>What limits that find themselves do to real traffic, beside finding a capacity (<see cref="LimitConvergenceTests"/>).</summary>
public class LimitLabTests
{
    private static readonly LimitAlgorithm[] Algorithms = [LimitAlgorithm.Gradient2, LimitAlgorithm.Aimd, LimitAlgorithm.Vegas];

    public static TheoryData<LimitAlgorithm> All => [.. Algorithms];

    public static TheoryData<LimitAlgorithm, double> AllAtEachInterval()
    {
        var cases = new TheoryData<LimitAlgorithm, double>();
        foreach (var algorithm in Algorithms)
        {
            foreach (var interval in new[] { 0.7, 1.5, 3.3 })
            {
                cases.Add(algorithm, interval);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Refuses_nothing_while_there_is_room_and_learns_no_higher_limit_from_what_is_not_used(LimitAlgorithm algorithm)
    {
        var server = Server(32);
        var lab = new LimitLab(Policy(algorithm, Overflow.Refuse), server, 3, new LearnedLimit(32, TimeSpan.FromMilliseconds(50), 0.03)) { Rate = 0.3 * 32 / 0.05 };
        lab.BeginArrivals();
        lab.Run(60);
        lab.Refused.ShouldBe(0);
        lab.Curve.ShouldAllBe(point => point.Limit == 32);
    }

    [Theory]
    [MemberData(nameof(AllAtEachInterval))]
    public void Finds_the_same_however_often_pools_report(LimitAlgorithm algorithm, double interval)
    {
        // Pools with nothing to say report every third of a lease.
        var policy = Policy(algorithm, Overflow.Wait) with { LeaseTtl = TimeSpan.FromSeconds(3 * interval) };
        var server = Server(32);
        var lab = new LimitLab(policy, server, 3, new LearnedLimit(32, TimeSpan.FromMilliseconds(50), 0.03)) { Rate = 0.3 * 32 / 0.05 };
        lab.BeginArrivals();
        lab.Run(1);
        lab.LongestWait = 0;
        lab.Run(59);
        lab.Curve.ShouldAllBe(point => point.Limit == 32, "nobody needed more, and nothing was slow");
        lab.LongestWait.ShouldBeLessThan(0.02, "there was room");

        server.SetCapacity(lab.Now, 8);
        lab.Run(40, 20).MeanLimit.ShouldBeInRange(7, 9);
        server.SetCapacity(lab.Now, 16);
        lab.Rate = 1.5 * 16 / 0.05;
        lab.Run(40, 20).MeanLimit.ShouldBeInRange(14.4, 17.6);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Finds_the_capacity_from_arrivals_that_are_refused_when_it_is_full(LimitAlgorithm algorithm)
    {
        var server = Server(16);
        var lab = new LimitLab(Policy(algorithm, Overflow.Refuse), server, 3) { Rate = 2 * 16 / 0.05 };
        lab.BeginArrivals();
        var seen = lab.Run(60, 20);

        // While pools refuse by a saturation notice, a permit that was just given back is idle for some milliseconds, so there may be a few more than workers.
        seen.MeanLimit.ShouldBeInRange(13, 20);
        seen.Work.ShouldBeGreaterThan(0.8);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Work_that_takes_three_times_as_long_is_not_taken_for_a_lost_capacity_for_long(LimitAlgorithm algorithm)
    {
        var server = Server(16);
        var lab = new LimitLab(Policy(algorithm, Overflow.Wait), server, 3);
        lab.AddClients(80);
        lab.Run(30);
        server.ServiceTime = 0.15;
        var seen = lab.Run(60, 30);
        seen.MeanLimit.ShouldBeInRange(13, 19);
    }

    private static WorkerServer Server(int capacity)
    {
        var server = new WorkerServer(0.05, 3);
        server.SetCapacity(0, capacity);
        return server;
    }

    private static BackendPolicy Policy(LimitAlgorithm algorithm, Overflow overflow) => new()
    {
        Limit = 1_000,
        Adaptive = new AdaptiveLimit { Algorithm = algorithm },
        Overflow = overflow,
        QueueCapacity = 100_000,
        MaxWait = TimeSpan.FromHours(1),
    };
}
