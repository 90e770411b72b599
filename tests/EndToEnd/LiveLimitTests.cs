namespace Admission.EndToEnd;

/// <summary>The file is edited while the load goes on.</summary>
public sealed class LiveLimitTests
{
    private const double WorkMs = 100;

    [SkippableFact]
    public async Task A_limit_goes_down_and_up_under_load()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 8);
        await using var gateway = await Gateway.InFrontOfAsync(Policy(4), backend);
        var running = new ClosedLoop(gateway.Port, Clients: 64, TimeSpan.FromSeconds(10)) { WorkMs = WorkMs, Pause = TimeSpan.FromMilliseconds(20) }.RunAsync();
        await Until.TrueAsync(() => backend.Journal.Greatest() == 4, TimeSpan.FromSeconds(5), () => "Never at its limit.");

        foreach (var limit in new[] { 1, 6, 2 })
        {
            gateway.Write(GatewayFile.For(Policy(limit), backend));
            await StaysAtAsync(backend.Journal, limit);
        }

        Clean.ShouldBeServedOrRefused(await running);
        backend.Journal.Greatest().ShouldBe(6);
    }

    [SkippableFact]
    public async Task A_wrong_edit_changes_nothing_and_says_why()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 8);
        await using var gateway = await Gateway.InFrontOfAsync(Policy(2), backend);
        gateway.Write(GatewayFile.For(Policy(-5), backend));
        await gateway.Process.WaitForOutputAsync("-5", TimeSpan.FromSeconds(10));
        gateway.Output.ShouldContain("Admission:Backends:model:Limit");

        Clean.ShouldBeServedOrRefused(await new ClosedLoop(gateway.Port, Clients: 16, TimeSpan.FromSeconds(1)) { WorkMs = WorkMs }.RunAsync());
        backend.Journal.Greatest().ShouldBe(2);

        gateway.Write(GatewayFile.For(Policy(3), backend));
        await Until.TrueAsync(
            async () =>
            {
                await new ClosedLoop(gateway.Port, Clients: 16, TimeSpan.FromSeconds(0.3)) { WorkMs = WorkMs }.RunAsync();
                return backend.Journal.Greatest() == 3;
            },
            TimeSpan.FromSeconds(10),
            () => "The right edit after it is not in force.");
    }

    private static object Policy(int limit) => new { Limit = limit, Overflow = "Wait", Queue = new { Capacity = 50, MaxWait = "00:00:30" } };

    // In force within a few seconds of the edit; and then, for a second of full load, exactly the limit.
    private static async Task StaysAtAsync(Journal journal, int limit)
    {
        await Until.TrueAsync(() => journal.Inside() == limit && journal.Greatest(Clock.Now - 300_000_000) == limit, TimeSpan.FromSeconds(5), () => $"The limit {limit} is not in force.");
        var from = Clock.Now;
        await Until.TrueAsync(() => Clock.Since(from) > TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), () => "");
        journal.Greatest(from).ShouldBe(limit);
    }
}
