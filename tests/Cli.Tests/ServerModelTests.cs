namespace Admission.Cli.Tests;

/// <summary>Replays at a backend that is slower when more is inside than it can serve at once, against figures that were worked by hand.</summary>
public sealed class ServerModelTests
{
    private static readonly TimeSpan Hair = TimeSpan.FromMilliseconds(2);

    [Fact]
    public void A_worker_takes_one_after_the_other_and_all_hold_their_permits_meanwhile()
    {
        // In use for 1000, 1900 and 2800 ms of three permits over three seconds.
        var result = Run(Policy(3), ServerKind.Workers, 1, Request(0), Request(100), Request(200));
        result.All.Served.ShouldBe(3);
        result.All.Waits.Max.ShouldBe(TimeSpan.Zero, Hair);
        result.Span.ShouldBe(TimeSpan.FromSeconds(3), Hair);
        result.Utilisation.ShouldBe(5.7 / 9, 0.002);
        result.Series.Buckets.Max(bucket => bucket.MeanRun).ShouldBe(TimeSpan.FromMilliseconds(2800), Hair);
    }

    [Fact]
    public void Who_shares_a_server_with_another_one_takes_three_times_as_long()
    {
        // Twice the capacity is inside: each gets half of what is left, and that is two thirds. Alone it would be 1000 ms.
        Run(Policy(2), ServerKind.Sharing, 1, Request(0), Request(0)).Span.ShouldBe(TimeSpan.FromMilliseconds(3000), Hair);

        // The first is alone for 500 ms, then both get a third until it ends at 2000; the second has had 500 ms by then, and 500 more alone.
        Run(Policy(2), ServerKind.Sharing, 1, Request(0), Request(500)).Span.ShouldBe(TimeSpan.FromMilliseconds(2500), Hair);
        Run(Policy(2), ServerKind.Sharing, 2, Request(0), Request(500)).Span.ShouldBe(TimeSpan.FromMilliseconds(1500), Hair);
    }

    [Fact]
    public void A_request_counts_with_its_weight()
    {
        // Two workers: the heavy one has both, then the light ones one each; the one that needs three has all there are.
        Run(Policy(8), ServerKind.Workers, 2, Request(0) with { Weight = 2 }, Request(1), Request(2)).Span.ShouldBe(TimeSpan.FromMilliseconds(2000), Hair);
        Run(Policy(8), ServerKind.Workers, 2, Request(0) with { Weight = 3 }, Request(1)).Span.ShouldBe(TimeSpan.FromMilliseconds(2000), Hair);
        Run(Policy(8), ServerKind.Sharing, 1, Request(0) with { Weight = 2 }).Span.ShouldBe(TimeSpan.FromMilliseconds(3000), Hair);
    }

    [Theory]
    [InlineData(ServerKind.Workers)]
    [InlineData(ServerKind.Sharing)]
    public void Work_is_cut_off_at_the_run_timeout_wherever_it_is(ServerKind kind)
    {
        var result = Run(Policy(2) with { RunTimeout = TimeSpan.FromMilliseconds(400) }, kind, 1, Request(0), Request(100), Request(600, 300));
        result.All.TimedOut.ShouldBe(2);
        result.All.Served.ShouldBe(1, "and the places are free again");
        result.Span.ShouldBe(TimeSpan.FromMilliseconds(900), Hair);
    }

    [Theory]
    [InlineData(ServerKind.Workers)]
    [InlineData(ServerKind.Sharing)]
    public void Work_that_stops_when_its_client_leaves_leaves_its_place_to_others(ServerKind kind)
    {
        var result = Run(Policy(2) with { StopsWhenAbandoned = true }, kind, 1, Request(0) with { Patience = TimeSpan.FromMilliseconds(300) }, Request(300));
        result.All.Abandoned.ShouldBe(1);
        result.All.Served.ShouldBe(1);
        result.Span.ShouldBe(TimeSpan.FromMilliseconds(1300), Hair);
    }

    [Fact]
    public void A_worker_at_half_load_takes_as_long_as_the_formula_says()
    {
        // M/M/1: S / (1 - rho) = 100 ms / 0.5.
        var load = new SyntheticLoad { Rate = 5, Duration = TimeSpan.FromSeconds(4000), Service = TimeSpan.FromMilliseconds(100) };
        var result = BackendReplay.Run(Options(Policy(1000), new ServerModel(ServerKind.Workers, 1)), load.Arrivals(7));
        (result.All.WorkDone / result.All.Served).ShouldBe(0.2, 0.015);
    }

    [Theory]
    [InlineData(ServerKind.Workers)]
    [InlineData(ServerKind.Sharing)]
    public void A_limit_that_finds_itself_finds_the_servers_capacity(ServerKind kind)
    {
        // Half as much again as it can do: 32 / 50 ms = 640 a second.
        var load = new SyntheticLoad { Rate = 960, Duration = TimeSpan.FromSeconds(40), Service = TimeSpan.FromMilliseconds(50) };
        var policy = Policy(100) with { Adaptive = new AdaptiveLimit() };
        var options = new ReplayOptions { Policy = policy, Server = new ServerModel(kind, 32), CountFrom = TimeSpan.FromSeconds(20), EndAt = TimeSpan.FromSeconds(40) };
        var result = BackendReplay.Run(options, load.Arrivals(1));
        result.FindsLimit.ShouldBeTrue();
        result.MeanLimit.ShouldBeInRange(28.8, 35.2);
        result.LowestLimit.ShouldBeLessThan(result.HighestLimit);
        result.Utilisation.ShouldBeGreaterThan(0.9);
        (result.All.Served / 20.0).ShouldBeInRange(550, 660);
    }

    [Fact]
    public void Without_a_server_such_a_limit_grows_to_what_the_arrivals_need()
    {
        // 240 a second of 50 ms are 12 at once.
        var load = new SyntheticLoad { Rate = 240, Duration = TimeSpan.FromSeconds(60), Service = TimeSpan.FromMilliseconds(50) };
        var policy = Policy(100) with { Adaptive = new AdaptiveLimit() };
        var options = new ReplayOptions { Policy = policy, CountFrom = TimeSpan.FromSeconds(20), EndAt = TimeSpan.FromSeconds(60) };
        var result = BackendReplay.Run(options, load.Arrivals(1));
        result.MeanLimit.ShouldBeGreaterThan(12);
        result.All.Refused.ShouldBe(0);
    }

    [Theory]
    [InlineData("mmc:8", ServerKind.Workers, 8)]
    [InlineData("PS:1000000", ServerKind.Sharing, 1_000_000)]
    public void Is_read(string text, ServerKind kind, int capacity)
    {
        ServerModel.TryParse(text, out var model).ShouldBeTrue();
        model.ShouldBe(new ServerModel(kind, capacity));
    }

    [Theory]
    [InlineData("mmc")]
    [InlineData("mmc:0")]
    [InlineData("ps:-1")]
    [InlineData("ps:1000001")]
    [InlineData("mm1:1")]
    [InlineData("recorded:1")]
    public void Is_not_guessed(string text) => ServerModel.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Recorded_is_no_model()
    {
        ServerModel.TryParse("recorded", out var model).ShouldBeTrue();
        model.ShouldBeNull();
    }

    private static ReplayResult Run(BackendPolicy policy, ServerKind kind, int capacity, params OfferedRequest[] offered) =>
        BackendReplay.Run(Options(policy, new ServerModel(kind, capacity)), offered);

    private static ReplayOptions Options(BackendPolicy policy, ServerModel server) => new() { Policy = policy, Frontends = 1, Delay = TimeSpan.Zero, Server = server };

    private static BackendPolicy Policy(int limit) => new() { Limit = limit, Overflow = Overflow.Wait, QueueCapacity = 1000, MaxWait = TimeSpan.FromMinutes(10) };

    private static OfferedRequest Request(int at, int service = 1000) => new()
    {
        At = TimeSpan.FromMilliseconds(at),
        Service = TimeSpan.FromMilliseconds(service),
        Priority = Priorities.Normal,
        Weight = 1,
    };
}
