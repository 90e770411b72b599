using Xunit.Abstractions;

namespace Admission.Capacity.Tests;

/// <summary>
/// What learned patience is for: a backend of 160 requests a second (limit 8, 50 ms each), mostly offered 320, with a queue of 1,000 places and 30 s, behind three pools.
/// </summary>
public class PatienceTests(ITestOutputHelper output)
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 8, Overflow = Overflow.Wait, QueueCapacity = 1_000, MaxWait = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public void Serves_the_backends_rate_in_time_where_clients_leave_after_200_ms()
    {
        var load = Run(20, (_, _) => OpenLoad.Ms(200));
        Says(load, 0, 3).InTimeRate.ShouldBeGreaterThan(145);
        Holds(Says(load, 3, 20));
    }

    [Fact]
    public void Serves_nobody_in_time_there_without_it()
    {
        var load = Run(10, (_, _) => OpenLoad.Ms(200), policy: Policy with { IgnoresPatience = true });
        var counts = Says(load, 3, 10);
        counts.InTimeRate.ShouldBeLessThan(2);
        counts.Waste.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Does_the_same_where_service_times_are_exponential()
    {
        var load = Run(40, (_, _) => OpenLoad.Ms(200), service: random => OpenLoad.Ms(-50 * Math.Log(1 - random)));
        var counts = Says(load, 5, 40);
        counts.InTimeRate.ShouldBeGreaterThan(146, "some 2 % of all work takes longer than 200 ms by itself");
        counts.Waste.ShouldBeLessThan(0.05);
    }

    [Fact]
    public void Refuses_nobody_as_too_late_where_clients_are_patient()
    {
        var load = Run(20, (_, _) => null);
        var counts = Says(load, 0, 20);
        counts.TooLate.ShouldBe(0);
        counts.InTimeRate.ShouldBeGreaterThan(157);
    }

    [Fact]
    public void Costs_the_patient_half_little_where_the_other_half_is_not()
    {
        // In bursts, over which a queue of more than 200 ms helps: 480/s for 2 s, then 40/s.
        var rate = (double second) => second % 10 < 2 ? 480.0 : 40;
        var half = (double _, double random) => random < 0.5 ? OpenLoad.Ms(200) : (TimeSpan?)null;
        var (learned, ignored) = (0.0, 0.0);
        foreach (var seed in new ulong[] { 1, 2, 3, 4 })
        {
            var with = Says(Run(60, half, rate, seed: seed), 0, 60);
            var without = Says(Run(60, half, rate, policy: Policy with { IgnoresPatience = true }, seed: seed), 0, 60);
            (learned, ignored) = (learned + with.InTimeRate, ignored + without.InTimeRate);
            with.Waste.ShouldBeLessThan(0.05);
        }

        learned.ShouldBeGreaterThan(0.8 * ignored, "a burst is cut or is not by chance; to cut fewer costs the goal of 5 % for nothing where service times are exponential");
        Holds(Says(Run(30, half), 3, 30));
    }

    [Fact]
    public void Is_no_worse_off_where_patience_has_no_edge()
    {
        var uniform = (double _, double random) => (TimeSpan?)OpenLoad.Ms(100 + (200 * random));
        Holds(Says(Run(30, uniform), 3, 30));

        // Without memory: who has waited is as patient as before, and no choice of the wait helps, so nobody need be refused.
        var memoryless = (double _, double random) => (TimeSpan?)OpenLoad.Ms(-200 * Math.Log(1 - random));
        var learned = Says(Run(20, memoryless), 3, 20);
        var ignored = Says(Run(20, memoryless, policy: Policy with { IgnoresPatience = true }), 3, 20);
        learned.InTimeRate.ShouldBeGreaterThan(ignored.InTimeRate * 0.97);
    }

    [Fact]
    public void Follows_patience_that_shrinks_and_grows()
    {
        var load = Run(150, (second, _) => OpenLoad.Ms(second < 10 ? 200 : second < 20 ? 100 : 2_000));
        Holds(Says(load, 3, 10));
        Holds(Says(load, 14, 20));
        Holds(Says(load, 20, 150));
        Says(load, 110, 150).Waste.ShouldBeLessThan(0.05);
        (load.LongestWait ?? TimeSpan.MaxValue).ShouldBeGreaterThan(OpenLoad.Ms(1_000), "longer waits are tried again in time");
    }

    [Fact]
    public void Looks_at_how_long_answers_take_and_not_only_at_their_mean()
    {
        // One in ten takes 320 ms, longer than anybody stays: for those nothing can be done.
        var load = Run(30, (_, _) => OpenLoad.Ms(200), service: random => OpenLoad.Ms(random < 0.9 ? 20 : 320));
        var counts = Says(load, 3, 30);
        counts.InTimeRate.ShouldBeGreaterThan(130, "160/s, and a tenth of it for nothing");
        counts.Waste.ShouldBeLessThan(0.13);
    }

    [Fact]
    public void Lets_requests_wait_where_nothing_can_be_served_in_time()
    {
        var load = Run(10, (_, _) => OpenLoad.Ms(40));
        Says(load, 3, 10).TooLate.ShouldBe(0, "whom it refuses it could not serve any sooner");
    }

    private static OpenLoad Run(
        int seconds, Func<double, double, TimeSpan?> patience, Func<double, double>? rate = null, Func<double, TimeSpan>? service = null, BackendPolicy? policy = null, ulong seed = 1)
    {
        var load = new OpenLoad(policy ?? Policy, seed: seed) { Rate = rate ?? (_ => 320), Service = service ?? (_ => OpenLoad.Ms(50)), Patience = patience };
        load.Run(seconds);
        return load;
    }

    private static void Holds(OpenLoad.Second counts)
    {
        counts.InTimeRate.ShouldBeGreaterThan(150);
        counts.Waste.ShouldBeLessThan(0.05);
    }

    private OpenLoad.Second Says(OpenLoad load, int first, int end)
    {
        var counts = load.Between(first, end);
        output.WriteLine($"{first} to {end} s: {counts}");
        return counts;
    }
}
