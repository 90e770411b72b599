using System.Text;

namespace Admission.EndToEnd;

/// <summary>A client on a slow line costs the backend nothing: it holds no permit while it sends or reads.</summary>
public sealed class SlowClientTests
{
    private static readonly object OneAtATime = new { Limit = 1, Overflow = "Refuse" };

    [SkippableFact]
    public async Task One_that_sends_slowly_holds_no_permit()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 2);
        await using var gateway = await Gateway.InFrontOfAsync(OneAtATime, backend);
        using var slow = await HttpConnection.OpenAsync(gateway.Port);
        var body = new byte[2000];
        await slow.SendBytesAsync(Encoding.ASCII.GetBytes($"POST /work?id=slow&ms=5 HTTP/1.1\r\nHost: test\r\nContent-Length: {body.Length}\r\n\r\n"));
        for (var sent = 0; sent < body.Length; sent += 100)
        {
            var quick = await gateway.GetAsync($"/work?id=quick{sent}&ms=5");
            quick.Status.ShouldBe(200, quick.Body);
            await slow.SendBytesAsync(body.AsMemory(sent, 100));
        }

        var answer = await slow.ReadAsync();
        answer.Status.ShouldBe(200);
        answer.Body.ShouldContain("2000");
        backend.Journal.Started()[^1].ShouldBe("slow");
        backend.Journal.Greatest().ShouldBe(1);
    }

    [SkippableFact]
    public async Task One_that_reads_slowly_holds_no_permit()
    {
        const int Size = 700_000; // more than the sockets' buffers on the way take
        await using var backend = PythonBackend.LaunchGunicorn(workers: 2);
        await using var gateway = await Gateway.InFrontOfAsync(OneAtATime, backend);
        using var slow = await HttpConnection.OpenAsync(gateway.Port, receiveBuffer: 4096);
        await slow.SendAsync("GET", $"/work?id=slow&ms=5&bytes={Size}");
        var received = await slow.ReadSomeAsync(1000);
        await Until.TrueAsync(
            async () => (await gateway.GetAsync("/work?id=quick&ms=5")).Status == 200, TimeSpan.FromSeconds(2), () => "The slow reader holds the permit.");

        for (var count = -1; received < Size && count != 0; received += count)
        {
            count = await slow.ReadSomeAsync(20_000);
        }

        received.ShouldBeGreaterThanOrEqualTo(Size);
        backend.Journal.Greatest().ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_body_over_the_bound_is_refused_without_a_permit()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 1);
        await using var gateway = await Gateway.InFrontOfAsync(OneAtATime, backend);
        using var client = await HttpConnection.OpenAsync(gateway.Port);
        await client.SendBytesAsync("POST /work?id=huge HTTP/1.1\r\nHost: test\r\nContent-Length: 900000000000\r\n\r\n"u8.ToArray());
        (await client.ReadAsync()).Status.ShouldBe(413);
        backend.Journal.Started().ShouldBeEmpty();
    }
}
