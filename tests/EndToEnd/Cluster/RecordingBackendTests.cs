using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster;

/// <summary>The recording backend is what it says: else the fault run would judge by wrong records.</summary>
public sealed class RecordingBackendTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Records_start_and_end_of_the_work_and_answers()
    {
        await using var backend = await RecordingBackend.StartAsync(BackendKind.GoesOn, TimeSpan.FromSeconds(10));
        using var connection = await HttpConnection.OpenAsync(backend.Port);
        foreach (var id in new[] { "a", "b" })
        {
            await connection.SendAsync("POST", $"/any/path?id={id}&ms=100", body: new byte[100_000]);
            (await connection.ReadAsync()).Body.ShouldBe(id);
        }

        var events = backend.Journal.Read();
        events.Select(e => $"{e.Kind}{e.Id}").ShouldBe(["Sa", "Ea", "Sb", "Eb"]);
        Clock.Seconds(events[1].Time - events[0].Time).ShouldBeInRange(0.1, 0.3);
        Clock.Since(events[3].Time).ShouldBeLessThan(TimeSpan.FromSeconds(1), "It is to be this machine's monotonic clock.");
    }

    [Fact]
    public async Task Starts_before_the_body_is_there()
    {
        await using var backend = await RecordingBackend.StartAsync(BackendKind.Stops, TimeSpan.FromSeconds(10));
        using var connection = await HttpConnection.OpenAsync(backend.Port);
        await connection.SendBytesAsync("POST /?id=a&ms=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"u8.ToArray());
        await Until.TrueAsync(() => backend.Journal.Started().Count == 1, Soon, () => "It has not started.");
    }

    [Theory]
    [InlineData("Stops", false)]
    [InlineData("Stops", true)]
    [InlineData("GoesOn", false)]
    [InlineData("GoesOn", true)]
    public async Task What_becomes_of_the_work_when_its_connection_closes(string kind, bool reset)
    {
        await using var backend = await RecordingBackend.StartAsync(Enum.Parse<BackendKind>(kind), TimeSpan.FromSeconds(10));
        var connection = await HttpConnection.OpenAsync(backend.Port);
        await connection.SendAsync("GET", "/?id=a&ms=3000");
        await Until.TrueAsync(() => backend.Journal.Inside() == 1, Soon, () => $"Never inside. {backend.Output}");
        if (reset)
        {
            connection.Reset();
        }
        else
        {
            connection.Dispose();
        }

        await Until.TrueAsync(() => backend.Journal.Inside() == 0, Soon, () => "It never ends.");
        var events = backend.Journal.Read();
        var seconds = Clock.Seconds(events[1].Time - events[0].Time);
        (kind == "Stops" ? seconds < 2.5 : seconds >= 3).ShouldBeTrue($"It worked for {seconds} s.");
    }

    [Fact]
    public async Task Bounds_its_own_work()
    {
        await using var backend = await RecordingBackend.StartAsync(BackendKind.GoesOn, TimeSpan.FromMilliseconds(200));
        using var connection = await HttpConnection.OpenAsync(backend.Port);
        await connection.SendAsync("GET", "/?id=a&ms=60000");
        (await connection.ReadAsync()).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_kill_ends_its_work_and_loses_no_record()
    {
        await using var backend = await RecordingBackend.StartAsync(BackendKind.GoesOn, TimeSpan.FromSeconds(10));
        using var connection = await HttpConnection.OpenAsync(backend.Port);
        await connection.SendAsync("GET", "/?id=a&ms=5000");
        await Until.TrueAsync(() => backend.Journal.Inside() == 1, Soon, () => "Never inside.");
        await backend.KillAsync();
        backend.Journal.Inside().ShouldBe(0);
        await backend.RestartAsync();
        using var second = await HttpConnection.OpenAsync(backend.Port);
        await second.SendAsync("GET", "/?id=b&ms=1");
        (await second.ReadAsync()).Status.ShouldBe(200);
        backend.Journal.Read().Select(e => e.Kind).ShouldBe(['S', 'K', 'S', 'E']);
        var (from, to) = backend.Dead.ShouldHaveSingleItem();
        backend.Journal.Read()[1].Time.ShouldBeInRange(from, to);
    }

    [Fact]
    public async Task With_nothing_in_front_the_overshoot_is_seen()
    {
        await using var backend = await RecordingBackend.StartAsync(BackendKind.GoesOn, TimeSpan.FromSeconds(10));
        await Task.WhenAll(Enumerable.Range(0, 9).Select(async number =>
        {
            using var connection = await HttpConnection.OpenAsync(backend.Port);
            await connection.SendAsync("GET", $"/?id={number}&ms=300");
            (await connection.ReadAsync()).Status.ShouldBe(200);
        }));
        var over = OverAdmission.Of(backend.Journal.Read(), new(8));
        over.Excesses.ShouldHaveSingleItem().Inside.ShouldBe(9);
        over.Ratio.ShouldBe(9 / 8.0);
    }
}
