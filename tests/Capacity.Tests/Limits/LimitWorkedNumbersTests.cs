using System.Globalization;

namespace Admission.Capacity.Tests;

/// <summary>The numbers of docs/algorithms.md on limits that find themselves.</summary>
public class LimitWorkedNumbersTests
{
    private const double Ms = 0.001;

    [Theory]
    [InlineData(100, 50.5, 200)]
    [InlineData(100, 51, 99.04)]
    [InlineData(100, 52, 97.15)]
    [InlineData(100, 60, 84.33)]
    [InlineData(20, 100, 10.2)]
    [InlineData(20, 400, 10.2)]
    [InlineData(4, 50, 8)]
    [InlineData(5, 62.5, 4.05)]
    public void Gradient2(int limit, double time, double next) => Next(new Gradient2Law(), limit, time).ShouldBe(next, 0.01);

    [Theory]
    [InlineData(100, 51, 200)]
    [InlineData(100, 52, 100)]
    [InlineData(100, 60, 84.33)]
    [InlineData(20, 400, 10)]
    [InlineData(5, 62.5, 4.05)]
    public void Vegas(int limit, double time, double next) => Next(new VegasLaw(), limit, time).ShouldBe(next, 0.01);

    [Theory]
    [InlineData(100, 52, 200)]
    [InlineData(100, 53, 90)]
    [InlineData(100, 60, 83.33)]
    [InlineData(100, 120, 50)]
    [InlineData(5, 62.5, 4)]
    public void Aimd(int limit, double time, double next) => Next(new AimdLaw(), limit, time).ShouldBe(next, 0.01);

    [Theory]
    [InlineData(LimitAlgorithm.Gradient2, 51)]
    [InlineData(LimitAlgorithm.Aimd, 90)]
    [InlineData(LimitAlgorithm.Vegas, 50)]
    public void One_answer_in_twenty_that_says_overloaded_lowers_the_limit(LimitAlgorithm algorithm, double next)
    {
        ILimitLaw law = algorithm switch { LimitAlgorithm.Aimd => new AimdLaw(), LimitAlgorithm.Vegas => new VegasLaw(), _ => new Gradient2Law() };
        law.Next(Window(100, 50) with { Overloaded = 0.05 }, new GrowthStep()).ShouldBe(next, 0.01);
        law.Next(Window(100, 50) with { Overloaded = 0.04 }, new GrowthStep()).ShouldBe(200);
    }

    [Fact]
    public void Steps_double_until_one_fails_which_makes_the_next_a_quarter_and_waits()
    {
        var growth = new GrowthStep();
        growth.Grow(1).ShouldBe(2);
        growth.Grow(2).ShouldBe(4);
        growth.Grow(4).ShouldBe(8);
        growth.Failed();
        growth.Grow(4).ShouldBe(4);
        growth.Grow(4).ShouldBe(5);
        growth.Grow(5).ShouldBe(7.5);
        growth.Failed();
        growth.Failed();
        growth.Resolution(100).ShouldBe(0.05);
        growth.Resolution(4).ShouldBe(0.25);
        growth.Resolution(1).ShouldBe(1);
    }

    [Theory]
    [InlineData(20_000, 105)]
    [InlineData(900, 110)]
    [InlineData(320, 116.77)]
    [InlineData(40, 125)]
    public void A_step_is_large_enough_to_be_seen_within_a_second(int samples, double next)
    {
        var growth = new GrowthStep();
        growth.SecondIsKnownTo(1 / Math.Sqrt(samples));
        growth.Failed();
        growth.Failed();
        growth.Failed();
        growth.Grow(100).ShouldBe(next, 0.01);
    }

    [Fact]
    public void A_time_that_a_higher_limit_does_not_lengthen_is_the_unloaded_one()
    {
        var unloaded = new UnloadedTime();
        Learn(unloaded, 10, 50).ShouldBe(50, 0.5);
        Learn(unloaded, 20, 50).ShouldBe(50, 0.5);
        Learn(unloaded, 40, 80).ShouldBe(50, 0.5);
    }

    [Fact]
    public void Times_in_proportion_to_the_limit_are_all_longer_than_the_unloaded_one()
    {
        var unloaded = new UnloadedTime();
        Learn(unloaded, 40, 200);
        Learn(unloaded, 80, 400).ShouldBeLessThan(150);
        Learn(unloaded, 20, 100).ShouldBeLessThan(80);
        Learn(unloaded, 10, 50).ShouldBeLessThan(40);
        Learn(unloaded, 5, 50).ShouldBe(50, 1);
    }

    [Fact]
    public void A_longer_time_means_less_capacity_until_a_lower_limit_does_not_shorten_it()
    {
        var unloaded = new UnloadedTime();
        foreach (var limit in new[] { 4, 8, 12, 16, 15, 16 })
        {
            Learn(unloaded, limit, 50);
        }

        unloaded.Learn(16, 1, 100 * Ms, 0.02).ShouldBeFalse("what was seen before does not explain it");
        Learn(unloaded, 16, 100).ShouldBe(50, 2);
        Learn(unloaded, 8, 100).ShouldBe(100, 2);
    }

    [Fact]
    public void What_all_windows_say_of_the_knee()
    {
        var knee = new KneeFilter(1, 100);
        After(8, 1.00).ShouldBe("1.00 1.01 1.04");
        After(10, 1.25).ShouldBe("1.01 1.24 1.55");
        After(8, 1.08).ShouldBe("1.01 1.24 1.53");
        After(8, 0.95).ShouldBe("1.00 1.21 1.48");
        After(10, 1.00).ShouldBe("1.00 1.00 1.02");
        After(12, 1.00).ShouldBe("1.00 1.00 1.00");
        After(12, 2.00).ShouldBe("1.23 1.61 2.00");

        string After(int inside, double slowdown)
        {
            knee.Learn(inside, slowdown, 0.05);
            return string.Create(CultureInfo.InvariantCulture, $"{knee.At(8).Slowdown:0.00} {knee.At(10).Slowdown:0.00} {knee.At(12).Slowdown:0.00}");
        }
    }

    private static double Next(ILimitLaw law, int limit, double time) => law.Next(Window(limit, time), new GrowthStep());

    private static LimitWindow Window(int limit, double time) => new() { Limit = limit, Time = time * Ms, Unloaded = 50 * Ms, Error = 0.01, Overloaded = 0 };

    private static double Learn(UnloadedTime unloaded, int limit, double time)
    {
        unloaded.Learn(limit, 1, time * Ms, 0.02).ShouldBeTrue();
        return unloaded.Seconds / Ms;
    }
}
