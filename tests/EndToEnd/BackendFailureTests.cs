namespace Admission.EndToEnd;

/// <summary>A backend that dies in the middle of its work, and comes back.</summary>
[Collection(Measured.Name)]
public sealed class BackendFailureTests
{
    [SkippableTheory]
    [InlineData("Refuse")]
    [InlineData("Wait")]
    public async Task Everybody_is_told_why_and_the_permits_come_back(string overflow)
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 8);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = 4, Overflow = overflow, Queue = new { Capacity = 16, MaxWait = "00:00:30" } }, backend);
        var running = new ClosedLoop(gateway.Port, Clients: 32, TimeSpan.FromSeconds(4)) { WorkMs = 100, Pause = TimeSpan.FromMilliseconds(40) }.RunAsync();

        await Until.TrueAsync(() => backend.Journal.Ended().Count > 12, TimeSpan.FromSeconds(5), () => "No work was done.");
        await backend.KillAsync();
        await Task.Delay(500); // a while without any backend
        await backend.StartAsync();
        var load = await running;

        foreach (var answer in load.Answers.Where(answer => answer.Status is not (200 or 503)))
        {
            answer.Fault.ShouldBeNull();
            answer.Status.ShouldBe(502);
            Clean.Problem(answer.Http!, "title", "detail", "reason").ShouldBeNull();
        }

        load.Refused.Select(answer => Clean.Refusal(answer.Http!)).OfType<string>().ShouldBeEmpty();
        load.Answers.Count(answer => answer.Status == 502).ShouldBeGreaterThan(3, "Those in flight were to be told.");
        backend.Journal.Greatest().ShouldBe(4);
        await Busy.ShouldHoldAsync(gateway, clients: 64, (backend, 4)); // all four permits work again
    }

    [SkippableFact]
    public async Task A_request_that_runs_too_long_is_answered_504_and_gives_its_permit_back()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 2);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = 1, Overflow = "Refuse", RunTimeout = "00:00:01" }, backend);
        var answer = await gateway.GetAsync("/work?id=long&ms=3000");
        answer.Status.ShouldBe(504);
        Clean.Problem(answer, "title", "detail", "reason").ShouldBeNull();
        await Until.TrueAsync(
            async () => (await gateway.GetAsync("/work?id=next&ms=5")).Status == 200, TimeSpan.FromSeconds(5), () => "The permit did not come back.");
    }
}
