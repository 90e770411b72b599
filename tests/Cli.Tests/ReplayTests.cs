namespace Admission.Cli.Tests;

/// <summary>The replay against figures that were worked by hand.</summary>
public sealed class ReplayTests
{
    private static readonly TimeSpan Hair = TimeSpan.FromMilliseconds(2);

    [Fact]
    public void Requests_wait_for_the_one_place_in_their_order()
    {
        // One place, a second each, arrivals at 0, 100 and 200 ms: the second waits 900 ms, the third 1800 ms.
        var result = Run(Policy(1, queue: 10), Every(100, count: 3, service: 1000));
        result.All.Served.ShouldBe(3);
        result.All.Waits.Mean.ShouldBe(TimeSpan.FromMilliseconds(900), Hair);
        result.All.Waits.P50.ShouldBe(TimeSpan.FromMilliseconds(900), Hair);
        result.All.Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(1800), Hair);
        result.Span.ShouldBe(TimeSpan.FromSeconds(3), Hair);
        result.Utilisation.ShouldBe(1, 0.002);
        result.PeakInUse.ShouldBe(1);
        result.Fairness.ShouldBeNull();
    }

    [Fact]
    public void Two_places_halve_the_use_of_each()
    {
        // The third waits from 200 to 1000 ms; three seconds of work in two places over two seconds are 75 %.
        var result = Run(Policy(2, queue: 10), Every(100, count: 3, service: 1000));
        result.All.Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(800), Hair);
        result.Span.ShouldBe(TimeSpan.FromSeconds(2), Hair);
        result.Utilisation.ShouldBe(0.75, 0.002);
    }

    [Fact]
    public void Refuses_who_finds_the_queue_full()
    {
        // One runs, one waits; of five arrivals within the first second three are too many.
        var result = Run(Policy(1, queue: 1), Every(100, count: 5, service: 1000));
        result.All.Served.ShouldBe(2);
        result.All.Refused.ShouldBe(3);
        result.Refusals.ShouldBe(new Dictionary<RefusalReason, long> { [RefusalReason.QueueFull] = 3 });
    }

    [Fact]
    public void Refuses_at_once_without_a_queue()
    {
        var result = Run(new BackendPolicy { Limit = 1 }, Every(100, count: 5, service: 1000));
        result.All.Served.ShouldBe(1);
        result.Refusals.ShouldBe(new Dictionary<RefusalReason, long> { [RefusalReason.AtCapacity] = 4 });
        result.All.Waits.Max.ShouldBe(TimeSpan.Zero, Hair);
    }

    [Fact]
    public void Who_leaves_while_waiting_gives_its_place_to_the_next()
    {
        OfferedRequest[] offered = [Request(0, 1000), Request(100, 1000) with { Patience = TimeSpan.FromMilliseconds(300) }, Request(200, 1000)];
        var result = Run(Policy(1, queue: 10), offered);
        result.All.Served.ShouldBe(2);
        result.All.Left.ShouldBe(1);
        result.All.Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(800), Hair);
        result.Wasted.ShouldBe(0);
    }

    [Fact]
    public void Work_for_a_client_that_has_left_goes_on_and_is_wasted()
    {
        // A second for nobody and a second for somebody.
        OfferedRequest[] offered = [Request(0, 1000) with { Patience = TimeSpan.FromMilliseconds(300) }, Request(100, 1000)];
        var result = Run(Policy(1, queue: 10), offered);
        result.All.Abandoned.ShouldBe(1);
        result.All.Served.ShouldBe(1);
        result.Wasted.ShouldBe(0.5, 0.002);
        result.All.Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(900), Hair);
    }

    [Fact]
    public void A_backend_that_stops_abandoned_work_is_free_at_once()
    {
        OfferedRequest[] offered = [Request(0, 1000) with { Patience = TimeSpan.FromMilliseconds(300) }, Request(100, 1000)];
        var result = Run(Policy(1, queue: 10) with { StopsWhenAbandoned = true }, offered);
        result.All.Abandoned.ShouldBe(1);
        result.All.Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(200), Hair);
    }

    [Fact]
    public void Work_is_cut_off_at_the_run_timeout()
    {
        var result = Run(Policy(1, queue: 10) with { RunTimeout = TimeSpan.FromMilliseconds(400) }, Every(100, count: 2, service: 1000));
        result.All.TimedOut.ShouldBe(2);
        result.All.Served.ShouldBe(0);
        result.Span.ShouldBe(TimeSpan.FromMilliseconds(800), Hair);
    }

    [Fact]
    public void Higher_priorities_go_first()
    {
        OfferedRequest[] offered = [Request(0, 1000), Request(100, 1000) with { Priority = 20 }, Request(200, 1000) with { Priority = 0 }];
        var result = Run(Policy(1, queue: 10), offered);
        result.Priorities.Select(priority => priority.Name).ShouldBe(["0", "10", "20"]);
        result.Priorities[0].Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(800), Hair);
        result.Priorities[2].Waits.Max.ShouldBe(TimeSpan.FromMilliseconds(1900), Hair);
    }

    [Fact]
    public void Waits_at_a_server_of_constant_service_are_those_of_the_formula()
    {
        // M/D/1 at half load: rho * D / (2 * (1 - rho)) = 0.5 * 100 ms / (2 * 0.5) = 50 ms (Pollaczek, Khinchine).
        var load = Load(rate: 5, TimeSpan.FromSeconds(4000), ServiceShape.Constant);
        var result = Run(Policy(1, queue: 1000), load.Arrivals(7));
        result.All.Requests.ShouldBeInRange(19_500, 20_500);
        result.All.Waits.Mean.TotalMilliseconds.ShouldBe(50, 4);
        result.Utilisation.ShouldBe(0.5, 0.02);
    }

    [Fact]
    public void Waits_at_a_server_of_exponential_service_are_those_of_the_formula()
    {
        // M/M/1 at half load: rho * D / (1 - rho) = 100 ms.
        var load = Load(rate: 5, TimeSpan.FromSeconds(4000), ServiceShape.Exponential);
        var result = Run(Policy(1, queue: 1000), load.Arrivals(7));
        result.All.Waits.Mean.TotalMilliseconds.ShouldBe(100, 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_seed_gives_one_result_and_never_more_in_use_than_the_limit(int seed)
    {
        var first = Replay();
        var again = Replay();
        first.PeakInUse.ShouldBeLessThanOrEqualTo(6);
        first.All.Requests.ShouldBe(first.All.Served + first.All.Refused + first.All.Left + first.All.Abandoned);
        first.Tenants.Sum(tenant => tenant.Requests).ShouldBe(first.All.Requests);
        again.All.ShouldBe(first.All);
        again.Messages.ShouldBe(first.Messages);
        again.Refusals.ShouldBe(first.Refusals);
        again.Span.ShouldBe(first.Span);

        ReplayResult Replay()
        {
            var load = Load(rate: 80, TimeSpan.FromSeconds(20), ServiceShape.Lognormal) with
            {
                Tenants = 4,
                Greed = 10,
                Weights = [1, 2],
                Priorities = [5, 10],
                Patience = TimeSpan.FromSeconds(1),
            };
            var options = new ReplayOptions { Policy = Policy(6, queue: 20), Frontends = 5, Seed = (ulong)seed };
            return BackendReplay.Run(options, load.Arrivals((ulong)seed));
        }
    }

    [Fact]
    public void Another_seed_gives_another_result()
    {
        var load = Load(rate: 80, TimeSpan.FromSeconds(5), ServiceShape.Exponential);
        Run(Policy(6, queue: 20), load.Arrivals(1)).All.ShouldNotBe(Run(Policy(6, queue: 20), load.Arrivals(2)).All);
    }

    [Fact]
    public void The_series_add_up_to_the_result()
    {
        var load = Load(rate: 100, TimeSpan.FromSeconds(30), ServiceShape.Exponential);
        var result = Run(Policy(6, queue: 20), load.Arrivals(3));
        var buckets = result.Series.Buckets;
        buckets.Count.ShouldBeInRange(ReplaySeries.Most / 2, ReplaySeries.Most);
        buckets.Sum(bucket => bucket.Admitted).ShouldBe(result.All.Waits.Count);
        buckets.Sum(bucket => bucket.Refused).ShouldBe(result.All.Refused);
        buckets.Max(bucket => bucket.LongestWait).ShouldBe(result.All.Waits.Max);
        buckets.Average(bucket => bucket.InUse / 6).ShouldBe(result.Utilisation, 0.01);
        buckets.ShouldAllBe(bucket => bucket.InUse <= 6.000001);
    }

    [Fact]
    public void Frontends_get_their_shares_of_the_arrivals()
    {
        // With a whole limit in use by one frontend alone, nothing is recalled: what the other would get is 0.
        var load = Load(rate: 200, TimeSpan.FromSeconds(20), ServiceShape.Constant);
        var all = new ReplayOptions { Policy = Policy(40, queue: 10), Frontends = 2, Shares = [1, 0] };
        var one = all with { Frontends = 1, Shares = null };
        BackendReplay.Run(all, load.Arrivals(1)).All.ShouldBe(BackendReplay.Run(one, load.Arrivals(1)).All);
        Should.Throw<ArgumentException>(() => BackendReplay.Run(all with { Shares = [1] }, load.Arrivals(1)));
        Should.Throw<ArgumentException>(() => BackendReplay.Run(all with { Shares = [0, 0] }, load.Arrivals(1)));
    }

    [Fact]
    public void What_is_counted_begins_and_ends_when_it_is_told()
    {
        // One request every 10 ms, each for 5 ms: half in use from beginning to end.
        var options = new ReplayOptions
        {
            Policy = Policy(1, queue: 1), Frontends = 1, Delay = TimeSpan.Zero, CountFrom = TimeSpan.FromSeconds(1), EndAt = TimeSpan.FromSeconds(3),
        };
        var result = BackendReplay.Run(options, Every(10, 1_000, 5));
        result.Span.ShouldBe(TimeSpan.FromSeconds(2));
        result.All.Requests.ShouldBe(200);
        result.Utilisation.ShouldBe(0.5, 0.001);
    }

    [Fact]
    public void A_request_costs_few_messages_while_there_is_room()
    {
        // Nine tenths of the load at a tenth of 100 frontends, half of the limit in use. Without a reserve, and if pools kept nothing beyond their share, it was 0.13.
        var load = Load(rate: 5_000, TimeSpan.FromSeconds(9), ServiceShape.Exponential);
        var options = new ReplayOptions
        {
            Policy = Policy(1_000, queue: 1_000),
            Frontends = 100,
            Shares = [.. Enumerable.Range(0, 100).Select(i => i < 10 ? 81.0 : 1.0)],
            Delay = TimeSpan.FromMilliseconds(0.25),
            CountFrom = TimeSpan.FromSeconds(5),
            EndAt = TimeSpan.FromSeconds(9),
        };
        var result = BackendReplay.Run(options, load.Arrivals(7));
        result.All.Refused.ShouldBe(0);
        (result.Messages.Messages / (double)result.All.Requests).ShouldBeLessThan(0.05);
    }

    [Fact]
    public void A_replay_can_be_ended() =>
        Should.Throw<OperationCanceledException>(
            () => BackendReplay.Run(new ReplayOptions { Policy = Policy(1, queue: 1) }, Every(1, 10, 1), new CancellationToken(canceled: true)));

    private static ReplayResult Run(BackendPolicy policy, IEnumerable<OfferedRequest> offered) =>
        BackendReplay.Run(new ReplayOptions { Policy = policy, Frontends = 1, Delay = TimeSpan.Zero }, offered);

    private static BackendPolicy Policy(int limit, int queue) =>
        new() { Limit = limit, Overflow = Overflow.Wait, QueueCapacity = queue, MaxWait = TimeSpan.FromMinutes(10) };

    private static SyntheticLoad Load(double rate, TimeSpan duration, ServiceShape shape) =>
        new() { Rate = rate, Duration = duration, Service = TimeSpan.FromMilliseconds(100), Shape = shape };

    private static IEnumerable<OfferedRequest> Every(int milliseconds, int count, int service) =>
        Enumerable.Range(0, count).Select(i => Request(i * milliseconds, service));

    private static OfferedRequest Request(int at, int service) => new()
    {
        At = TimeSpan.FromMilliseconds(at),
        Service = TimeSpan.FromMilliseconds(service),
        Priority = Priorities.Normal,
        Weight = 1,
    };
}
