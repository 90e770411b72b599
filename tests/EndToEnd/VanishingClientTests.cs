namespace Admission.EndToEnd;

/// <summary>Clients that leave without a word: while they wait, and in the middle of their work.</summary>
[Collection(Measured.Name)]
public sealed class VanishingClientTests
{
    private static readonly object OneAtATime = new { Limit = 1, Overflow = "Wait", Queue = new { Capacity = 20, MaxWait = "00:00:30" } };

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_leaves_while_it_waits_gives_its_place_up_at_once(bool reset)
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 4);
        await using var gateway = await Gateway.InFrontOfAsync(OneAtATime, backend);
        var first = gateway.GetAsync("/work?id=first&ms=4000");
        await Until.TrueAsync(() => backend.Journal.Inside() == 1, TimeSpan.FromSeconds(5), () => "Never inside.");

        var leaving = new List<HttpConnection>();
        for (var number = 0; number < 20; number++)
        {
            var connection = await HttpConnection.OpenAsync(gateway.Port);
            await connection.SendAsync("GET", $"/work?id=left{number}&ms=5");
            leaving.Add(connection);
        }

        await gateway.WaitForQueueAsync(20);
        foreach (var connection in leaving)
        {
            Leave(connection, reset);
        }

        // The whole queue is free again while the first still works.
        await gateway.WaitForQueueAsync(0);
        var staying = Enumerable.Range(0, 20).Select(number => gateway.GetAsync($"/work?id=stayed{number}&ms=5")).ToArray();
        await gateway.WaitForQueueAsync(20);
        first.IsCompleted.ShouldBeFalse("The first was to outlast it all: places came back as it ended.");
        (await Task.WhenAll([first, .. staying])).ShouldAllBe(answer => answer.Status == 200);
        backend.Journal.Started().ShouldNotContain(id => id.StartsWith("left"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_leaves_in_flight_keeps_its_permit_until_the_worker_is_done(bool reset)
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 4);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = 1, Overflow = "Refuse" }, backend);
        var leaving = await HttpConnection.OpenAsync(gateway.Port);
        await leaving.SendAsync("GET", "/work?id=left&ms=1000");
        await Until.TrueAsync(() => backend.Journal.Inside() == 1, TimeSpan.FromSeconds(5), () => "Never inside.");
        Leave(leaving, reset);

        HttpAnswer next;
        do
        {
            var ended = backend.Journal.Ended().Count > 0;
            next = await gateway.GetAsync("/work?id=next&ms=5");
            (next.Status == 200 && !ended && backend.Journal.Greatest() > 1).ShouldBeFalse("The permit was handed on while the worker went on.");
            if (ended && next.Status != 200)
            {
                await Until.TrueAsync(async () => (next = await gateway.GetAsync("/work?id=next&ms=5")).Status == 200, TimeSpan.FromSeconds(1), () => "The permit did not come back.");
            }
        }
        while (next.Status != 200);

        backend.Journal.Greatest().ShouldBe(1);
        backend.Journal.Started().ShouldBe(["left", "next"]);
    }

    [SkippableFact]
    public async Task A_crowd_that_leaves_soon_does_not_break_the_limit()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 16);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = 8, Overflow = "Refuse" }, backend);
        await new OpenLoop(gateway.Port, PerSecond: 800, TimeSpan.FromSeconds(3)) { Patience = TimeSpan.FromMilliseconds(40) }.RunAsync();
        backend.Journal.Greatest().ShouldBeLessThanOrEqualTo(8);
        backend.Journal.Started().Count.ShouldBeGreaterThan(80, "The backend was to be busy.");
    }

    [SkippableFact]
    public async Task A_crowd_that_leaves_the_queue_leaves_the_backend_to_those_who_stay()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 16);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = 8, Overflow = "Wait", Queue = new { Capacity = 100, MaxWait = "00:00:00.400" } }, backend);
        await Attempts.ShouldReachAsync(0.75, async () =>
        {
            // 80 a second fit, twice as many come. With a queue that keeps those who have left, next to none is served in time.
            var load = await new OpenLoop(gateway.Port, PerSecond: 160, TimeSpan.FromSeconds(4)) { WorkMs = 100, Patience = TimeSpan.FromMilliseconds(600) }.RunAsync();
            backend.Journal.Greatest().ShouldBe(8);
            return load.Served.Count() / Clock.Seconds(load.End - load.Start) / 80;
        });
    }

    private static void Leave(HttpConnection connection, bool reset)
    {
        if (reset)
        {
            connection.Reset();
        }
        else
        {
            connection.Dispose();
        }
    }
}
