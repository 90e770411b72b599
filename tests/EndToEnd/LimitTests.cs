using Admission.EndToEnd.Cluster.Faults;

namespace Admission.EndToEnd;

/// <summary>Closed-loop clients by the hundred: never over the limit, kept busy, and everybody gets a clean answer.</summary>
[Collection(Measured.Name)]
public sealed class LimitTests
{
    /// <summary>Server, limit and clients where what does not fit is refused; in a soak every server with either crowd.</summary>
    public static TheoryData<string, int, int> Refusing => SoakSetting.IsSoak ? All : new()
    {
        { "gunicorn -w 8", 4, 512 },
        { "uvicorn", 4, 64 },
    };

    /// <summary>The same where it waits.</summary>
    public static TheoryData<string, int, int> Waiting => SoakSetting.IsSoak ? All : new()
    {
        { "gunicorn -w 1", 1, 512 },
        { "gunicorn -w 4", 4, 64 },
    };

    private static TheoryData<string, int, int> All
    {
        get
        {
            var cases = new TheoryData<string, int, int>();
            foreach (var clients in new[] { 64, 512 })
            {
                cases.Add("gunicorn -w 1", 1, clients);
                cases.Add("gunicorn -w 4", 4, clients);
                cases.Add("gunicorn -w 8", 4, clients);
                cases.Add("uvicorn", 4, clients);
            }

            return cases;
        }
    }

    [SkippableTheory, MemberData(nameof(Refusing))]
    public async Task Refuses_what_does_not_fit(string server, int limit, int clients)
    {
        await using var backend = Launch(server);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = limit, Overflow = "Refuse" }, backend);
        await ShouldHoldAsync(gateway, clients, backend, limit);
    }

    [SkippableTheory, MemberData(nameof(Waiting))]
    public async Task Lets_wait_what_does_not_fit(string server, int limit, int clients)
    {
        await using var backend = Launch(server);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = limit, Overflow = "Wait", Queue = new { Capacity = 8 * limit, MaxWait = "00:00:30" } }, backend);
        await ShouldHoldAsync(gateway, clients, backend, limit);
    }

    [SkippableTheory]
    [InlineData("gunicorn -w 8", 4)]
    [InlineData("uvicorn", 4)]
    public async Task Holds_when_the_refused_come_back_at_once(string server, int limit)
    {
        await using var backend = Launch(server);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = limit, Overflow = "Refuse" }, backend);
        var load = await new ClosedLoop(gateway.Port, Clients: 512, TimeSpan.FromSeconds(3)).RunAsync();
        backend.Journal.Greatest().ShouldBe(limit);
        Clean.ShouldBeServedOrRefused(load);
    }

    [SkippableFact]
    public async Task Each_destination_keeps_its_own_limit()
    {
        await using var small = PythonBackend.LaunchGunicorn(workers: 4);
        await using var large = PythonBackend.LaunchGunicorn(workers: 4);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = new { a = 1, b = 3 }, Overflow = "Wait", Queue = new { Capacity = 30, MaxWait = "00:00:30" } }, small, large);
        await Busy.ShouldHoldAsync(gateway, clients: 64, (small, 1), (large, 3));
    }

    private static PythonBackend Launch(string server) =>
        server is "uvicorn" ? PythonBackend.LaunchUvicorn() : PythonBackend.LaunchGunicorn(int.Parse(server.AsSpan("gunicorn -w ".Length)));

    private static async Task ShouldHoldAsync(Gateway gateway, int clients, PythonBackend backend, int limit)
    {
        await Busy.ShouldHoldAsync(gateway, clients, (backend, limit));
        if (limit == 1)
        {
            backend.Journal.GreatestWithListenerQueue().ShouldBe(1);
        }
    }
}
