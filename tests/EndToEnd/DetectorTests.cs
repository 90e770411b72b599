namespace Admission.EndToEnd;

/// <summary>The instruments themselves: with nothing in front of a backend they show the overshoot that the gateway prevents.</summary>
[Collection(Measured.Name)]
public sealed class DetectorTests
{
    [SkippableFact]
    public async Task Sees_an_overshoot_over_many_workers()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 8);
        var load = await new ClosedLoop(backend.Port, Clients: 64, TimeSpan.FromSeconds(1)).RunAsync();
        load.Summary().ShouldStartWith("200:");
        backend.Journal.Greatest().ShouldBe(8);
    }

    [SkippableFact]
    public async Task Sees_an_overshoot_in_front_of_one_worker()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 1);
        await new ClosedLoop(backend.Port, Clients: 8, TimeSpan.FromSeconds(1)).RunAsync();
        backend.Journal.Greatest().ShouldBe(1);
        backend.Journal.GreatestWithListenerQueue().ShouldBeGreaterThan(4);
    }

    [SkippableFact]
    public async Task Sees_an_overshoot_in_a_thread_pool()
    {
        await using var backend = await PythonBackend.UvicornAsync();
        await new ClosedLoop(backend.Port, Clients: 16, TimeSpan.FromSeconds(1)).RunAsync();
        backend.Journal.Greatest().ShouldBeGreaterThan(8);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Sees_the_ideal_throughput_of_a_backend_that_is_kept_busy(int workers)
    {
        await using var backend = await PythonBackend.GunicornAsync(workers);
        await Attempts.ShouldReachAsync(0.95, async () =>
        {
            var load = await new ClosedLoop(backend.Port, workers + 2, TimeSpan.FromSeconds(2)) { WorkMs = 100 }.RunAsync();
            var ratio = backend.Journal.Throughput(load.Start + 500_000_000, load.End, workers, workMs: 100) / (workers * 10);
            ratio.ShouldBeLessThanOrEqualTo(1 + (1 / (workers * 15.0)), "one request may lie across the edge of the 1.5 s");
            return ratio;
        });
    }

    [SkippableFact]
    public async Task Sees_an_idle_backend()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 4);
        var load = await new ClosedLoop(backend.Port, Clients: 2, TimeSpan.FromSeconds(2)) { WorkMs = 100 }.RunAsync();

        // Half. Of three quarters it would see 0.79, because it counts whole batches, and any jitter on top.
        (backend.Journal.Throughput(load.Start + 500_000_000, load.End, atOnce: 4, workMs: 100) / 40).ShouldBeLessThan(0.8);
    }

    [SkippableFact]
    public async Task Sees_work_whose_client_has_left()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 8);
        var load = await new OpenLoop(backend.Port, PerSecond: 100, TimeSpan.FromSeconds(1)) { WorkMs = 200, Patience = TimeSpan.FromMilliseconds(50) }.RunAsync();
        load.Answers.ShouldAllBe(answer => answer.Fault == "left");
        await Until.TrueAsync(() => backend.Journal.Ended().Count == load.Answers.Count, TimeSpan.FromSeconds(10), () => $"Only {backend.Journal.Ended().Count} of {load.Answers.Count} done.");
        backend.Journal.Greatest().ShouldBe(8);
    }

    [SkippableFact]
    public async Task Sees_that_a_killed_backend_holds_nothing()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 2);
        using var first = await HttpConnection.OpenAsync(backend.Port);
        await first.SendAsync("GET", "/work?id=first&ms=60000");
        await Until.TrueAsync(() => backend.Journal.Inside() == 1, TimeSpan.FromSeconds(5), () => "Never inside.");
        await backend.KillAsync();
        backend.Journal.Inside().ShouldBe(0);
        await backend.StartAsync();
        using var second = await HttpConnection.OpenAsync(backend.Port);
        await second.SendAsync("GET", "/work?id=second&ms=1");
        (await second.ReadAsync()).Status.ShouldBe(200);
        backend.Journal.Started().ShouldBe(["first", "second"]);
    }
}
