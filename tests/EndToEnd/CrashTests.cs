namespace Admission.EndToEnd;

/// <summary>The gateway is killed while its work goes on in the backend, and started again with its data.</summary>
[Collection(Measured.Name)]
public sealed class CrashTests
{
    [SkippableFact]
    public async Task A_killed_gateway_that_starts_again_counts_the_old_work()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 12);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = 4, Overflow = "Refuse", LeaseTtl = "00:00:01", RunTimeout = "00:00:04" }, backend);
        var old = Enumerable.Range(0, 4).Select(number => gateway.GetAsync($"/work?id=old{number}&ms=3500")).ToArray();
        await Until.TrueAsync(() => backend.Journal.Inside() == 4, TimeSpan.FromSeconds(5), () => "Never full.");

        await gateway.KillAsync();
        await gateway.StartAsync();
        backend.Journal.Inside().ShouldBe(4, "The old work was to go on: nothing is tested.");
        (await Task.WhenAll(old.Select(task => task.ContinueWith(t => t.Exception is not null, TaskScheduler.Default)))).ShouldAllBe(failed => failed);

        var load = new ClosedLoop(gateway.Port, Clients: 16, TimeSpan.FromSeconds(1)) { WorkMs = 50, Pause = TimeSpan.FromMilliseconds(20) };
        await Until.TrueAsync(
            async () =>
            {
                var result = await load.RunAsync();
                Clean.ShouldBeServedOrRefused(result);
                return result.Served.Count() > 60;
            },
            TimeSpan.FromSeconds(40),
            () => $"The permits have not come back.\n{gateway.Output}");
        backend.Journal.Greatest().ShouldBe(4);
    }

    [SkippableFact]
    public async Task Whoever_accepts_the_overshoot_is_served_soon_after_a_crash()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 4);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = 2, Overflow = "Refuse", LeaseTtl = "00:00:01", RunTimeout = "00:10:00", Quarantine = "00:00:00" }, backend);
        (await gateway.GetAsync("/work?id=before&ms=5")).Status.ShouldBe(200);
        await gateway.KillAsync();
        await gateway.StartAsync();
        await Until.TrueAsync(
            async () => (await gateway.GetAsync("/work?id=after&ms=5")).Status == 200, TimeSpan.FromSeconds(20), () => $"Never served again.\n{gateway.Output}");
    }
}
