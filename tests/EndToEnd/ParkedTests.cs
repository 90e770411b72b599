using Admission.EndToEnd.Cluster.Faults;

namespace Admission.EndToEnd;

/// <summary>Five thousand connections that wait at once.</summary>
[Collection(Measured.Name)]
public sealed class ParkedTests
{
    private const int Clients = 5000;

    /// <summary>Places in the queue: with all of the crowd in it only in a soak.</summary>
    public static TheoryData<int> Queues => SoakSetting.IsSoak ? new() { 10_000, 3_000 } : new() { 4_000 };

    [SkippableTheory, MemberData(nameof(Queues))]
    public async Task All_are_served_or_cleanly_refused(int queue)
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 8);
        await using var gateway = await Gateway.InFrontOfAsync(
            new { Limit = 4, Overflow = "Wait", Queue = new { Capacity = queue, MaxWait = "00:02:00" } }, backend);

        // Nobody is served until all have come.
        var first = Enumerable.Range(0, 4).Select(number => gateway.GetAsync($"/work?id=first{number}&ms=4000")).ToArray();
        await Until.TrueAsync(() => backend.Journal.Inside() == 4, TimeSpan.FromSeconds(5), () => "Never full.");
        var connections = new HttpConnection[Clients];
        for (var client = 0; client < Clients; client++)
        {
            connections[client] = await HttpConnection.OpenAsync(gateway.Port);
            await connections[client].SendAsync("GET", $"/work?id={client}&ms=0");
        }

        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var answers = await Task.WhenAll(connections.Select(connection => connection.ReadAsync(bound.Token)));
        (await Task.WhenAll(first)).ShouldAllBe(answer => answer.Status == 200);
        Array.ForEach(connections, connection => connection.Dispose());

        answers.Where(answer => answer.Status != 200).Select(Clean.Refusal).OfType<string>().ShouldBeEmpty();
        answers.Count(answer => answer.Status == 200).ShouldBeGreaterThanOrEqualTo(Math.Min(queue, Clients));
        backend.Journal.Ended().Count.ShouldBe(4 + answers.Count(answer => answer.Status == 200));
        backend.Journal.Greatest().ShouldBe(4);
    }
}
