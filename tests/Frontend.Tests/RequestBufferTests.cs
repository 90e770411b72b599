using System.Globalization;
using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public sealed class RequestBufferTests
{
    private static readonly Dictionary<string, string?> Small = new()
    {
        ["Limit"] = "1", ["RequestBuffer:Memory"] = "8KiB", ["RequestBuffer:Max"] = "256KiB",
    };

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(8 << 10, false)]
    [InlineData((8 << 10) + 1, true)]
    [InlineData(256 << 10, true)]
    [InlineData(256 << 10, false)]
    [InlineData(100_000, true)]
    public async Task Passes_the_body_on_whole(int size, bool chunked)
    {
        byte[] seen = [];
        long? length = null;
        await using var server = await TestServer.StartAsync(async context =>
        {
            using var memory = new MemoryStream();
            await context.Request.Body.CopyToAsync(memory);
            seen = memory.ToArray();
            length = context.Request.ContentLength;
        });
        await using var gateway = await TestGateway.StartAsync(server, Small);
        var sent = new byte[size];
        new Random(size).NextBytes(sent);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(sent) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = size > 50_000;
        using var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        seen.ShouldBe(sent);
        length.ShouldBe(size, "What was taken in has a length.");
        gateway.Buffers.Memory.ShouldBe(0);
        gateway.Buffers.Disk.ShouldBe(0);
        (Directory.Exists(gateway.BufferFolder) ? Directory.GetFiles(gateway.BufferFolder) : []).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refuses_a_body_over_the_bound(bool chunked)
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, Small);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[(256 << 10) + 1]) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        var problem = await ProblemReader.ReadAsync(response);
        problem.GetProperty("reason").GetString().ShouldBe("body-too-large");
        problem.GetProperty("detail").GetString().ShouldBe("The backend 'model' takes bodies of at most 262144 bytes. Send less, or have RequestBuffer:Max raised.");
        server.Seen.ShouldBe(0);
        gateway.Buffers.Memory.ShouldBe(0);
        gateway.Buffers.Disk.ShouldBe(0);
    }

    [Fact]
    public async Task Refuses_when_all_buffers_are_full()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, Small);
        var settings = TestGateway.Settings([server], Small);
        settings["Admission:Buffers:Memory"] = "0";
        settings["Admission:Buffers:Disk"] = "1000";
        gateway.Change(settings);
        await Until.TrueAsync(() => gateway.Backends.Settings.BufferDisk == 1000, "The change is not applied.");
        using var response = await gateway.Http.PostAsync("/", new ByteArrayContent(new byte[2000]));
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("buffers-full");
        using var fits = await gateway.Http.PostAsync("/", new ByteArrayContent(new byte[1000]));
        fits.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_slow_sender_holds_no_permit()
    {
        await using var server = await TestServer.StartAsync(async context =>
            await context.Response.WriteAsync((await new StreamReader(context.Request.Body).ReadToEndAsync()).Length.ToString(CultureInfo.InvariantCulture)));
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using var slow = await RawConnection.OpenAsync(gateway.Port);
        await slow.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n12345");
        for (var i = 0; i < 5; i++)
        {
            using var quick = await gateway.Http.PostAsync("/", new StringContent("abc"));
            (await quick.Content.ReadAsStringAsync()).ShouldBe("3");
        }

        server.Seen.ShouldBe(5);
        await slow.SendAsync("67890");
        (await slow.ReadUntilAsync("10\r\n")).ShouldStartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task A_sender_that_leaves_in_the_middle_costs_nothing()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using (var slow = await RawConnection.OpenAsync(gateway.Port))
        {
            await slow.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
            await Until.TrueAsync(() => gateway.Buffers.Memory > 0, "Nothing is taken in.");
        }

        await Until.TrueAsync(() => gateway.Buffers.Memory == 0, "The buffer stays.");
        using var response = await gateway.GetAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task A_route_can_stream_its_requests()
    {
        // HttpClient sends what it has once it has some kilobytes.
        const int Chunk = 0x8000;
        var first = new TaskCompletionSource<int>();
        await using var server = await TestServer.StartAsync(async context =>
        {
            first.TrySetResult(await context.Request.Body.ReadAsync(new byte[100]));
            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.RequestBuffering"] = "Off" });
        using var client = await RawConnection.OpenAsync(gateway.Port);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" + new string('x', Chunk) + "\r\n");
        (await first.Task.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe(100, "The backend sees the first chunk before the last is sent.");
        await client.SendAsync("0\r\n\r\n");
        (await client.ReadUntilAsync("\r\n\r\n")).ShouldStartWith("HTTP/1.1 200");
        await gateway.PermitsComeBackAsync();
    }
}
