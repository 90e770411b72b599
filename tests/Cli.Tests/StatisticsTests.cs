namespace Admission.Cli.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void Jains_index_has_the_worked_numbers()
    {
        // Two tenants ask 10 and 50 of a backend that serves 30: fair are 10 and 20; x is 0.5 and 1.25.
        Fairness.MaxMinShares([10, 50], 30).ShouldBe([10, 20]);
        Fairness.Index([10, 50], [5, 25]).ShouldBe(0.845, 0.0005);
        Fairness.Index([10, 50], [10, 20]).ShouldBe(1, 1e-9);
        Fairness.Index([30, 30], [30, 0]).ShouldBe(0.5, 1e-9);
        Fairness.Index([10, 10], [0, 0]).ShouldBe(1);
    }

    [Fact]
    public void What_one_leaves_over_is_shared_by_the_others() => Fairness.MaxMinShares([2, 100, 10], 30).ShouldBe([2, 18, 10]);

    [Fact]
    public void Percentiles_are_of_the_nearest_rank()
    {
        var waits = WaitSummary.Of([.. Enumerable.Range(1, 20).Reverse().Select(i => (long)i)]);
        waits.Count.ShouldBe(20);
        waits.P50.Ticks.ShouldBe(10);
        waits.P95.Ticks.ShouldBe(19);
        waits.P99.Ticks.ShouldBe(20);
        waits.Max.Ticks.ShouldBe(20);
        waits.Mean.Ticks.ShouldBe(10);
        WaitSummary.Of([]).Max.ShouldBe(TimeSpan.Zero);
        WaitSummary.Of([7]).P50.Ticks.ShouldBe(7);
    }

    [Fact]
    public void Growth_is_the_exponent_of_the_power_law()
    {
        Growth.Exponent([(10, 5), (100, 50), (1000, 500)])!.Value.ShouldBe(1, 1e-9);
        Growth.Exponent([(10, 5), (100, 5), (1000, 5)])!.Value.ShouldBe(0, 1e-9);
        Growth.Exponent([(10, 3), (100, 300)])!.Value.ShouldBe(2, 1e-9);
        Growth.Exponent([(10, 5)]).ShouldBeNull();
    }

    [Fact]
    public void The_greedy_tenant_asks_as_many_times_as_much()
    {
        var load = new SyntheticLoad { Rate = 1000, Duration = TimeSpan.FromSeconds(60), Service = TimeSpan.FromMilliseconds(1), Tenants = 5, Greed = 6 };
        var counts = load.Arrivals(1).CountBy(request => request.Tenant!).ToDictionary();
        counts.Count.ShouldBe(5);
        counts["tenant-1"].ShouldBeInRange(35_000, 37_000);
        counts["tenant-5"].ShouldBeInRange(5_600, 6_400);
    }

    [Theory]
    [InlineData(ServiceShape.Exponential)]
    [InlineData(ServiceShape.Constant)]
    [InlineData(ServiceShape.Lognormal)]
    public void Service_times_have_their_mean(ServiceShape shape)
    {
        var load = new SyntheticLoad { Rate = 1000, Duration = TimeSpan.FromSeconds(100), Service = TimeSpan.FromMilliseconds(50), Shape = shape };
        load.Arrivals(1).Average(request => request.Service.TotalMilliseconds).ShouldBe(50, 1);
    }
}
