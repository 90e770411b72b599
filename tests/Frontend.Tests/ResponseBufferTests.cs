using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Admission.Frontend.Tests;

public sealed class ResponseBufferTests
{
    private const int Large = 12 << 20;

    private static readonly byte[] Content = MakeContent();

    [Theory]
    [InlineData("256KiB", "64MiB")]
    [InlineData("64MiB", "64MiB")]
    public async Task A_slow_reader_holds_no_permit(string memory, string max)
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["ResponseBuffer:Memory"] = memory, ["ResponseBuffer:Max"] = max });
        using var slow = await RawConnection.OpenAsync(gateway.Port);
        await slow.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        (await slow.ReadSomeAsync(100)).ShouldStartWith("HTTP/1.1 200");
        await Until.TrueAsync(() => gateway.Buffers.Memory + gateway.Buffers.Disk > 1 << 20, "The rest must be somewhere.");
        await gateway.PermitsComeBackAsync();
        using var other = await gateway.GetAsync("/small");
        other.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await slow.ReadToEndAsync()).ShouldBeGreaterThanOrEqualTo(Large);
        await Until.TrueAsync(() => gateway.Buffers is { Memory: 0, Disk: 0 }, "The buffer stays.");
    }

    [Fact]
    public async Task Beyond_the_bound_the_backend_is_read_at_the_clients_pace()
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["ResponseBuffer:Memory"] = "64KiB", ["ResponseBuffer:Max"] = "128KiB" });
        using var slow = await RawConnection.OpenAsync(gateway.Port);
        await slow.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await slow.ReadSomeAsync(100);
        await Until.TrueAsync(() => gateway.Buffers.Memory + gateway.Buffers.Disk > 64 << 10, "Nothing is buffered.");
        using var refused = await gateway.GetAsync("/small");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, "The permit is still needed.");
        (await slow.ReadToEndAsync()).ShouldBeGreaterThanOrEqualTo(Large);
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task A_slow_reader_that_leaves_frees_the_buffer()
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["ResponseBuffer:Max"] = "128KiB" });
        using (var slow = await RawConnection.OpenAsync(gateway.Port))
        {
            await slow.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
            await slow.ReadSomeAsync(100);
            await Until.TrueAsync(() => gateway.Buffers.Memory + gateway.Buffers.Disk > 0, "Nothing is buffered.");
        }

        await gateway.PermitsComeBackAsync();
        await Until.TrueAsync(() => gateway.Buffers is { Memory: 0, Disk: 0 }, "The buffer stays.");
    }

    [Theory]
    [InlineData("On", HttpProtocols.Http1)]
    [InlineData("Off", HttpProtocols.Http1)]
    [InlineData("On", HttpProtocols.Http2)]
    [InlineData("Off", HttpProtocols.Http2)]
    public async Task Passes_a_large_response_on_whole(string buffering, HttpProtocols protocols)
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1" }, route: new() { ["Admission.ResponseBuffering"] = buffering }, protocols);
        gateway.Http.DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        gateway.Http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        (await gateway.Http.GetByteArrayAsync("/large")).AsSpan().SequenceEqual(Content).ShouldBeTrue();
        (await gateway.Http.GetByteArrayAsync("/length")).AsSpan().SequenceEqual(Content).ShouldBeTrue();
    }

    [Fact]
    public async Task A_route_can_keep_the_backend_at_the_readers_pace()
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.ResponseBuffering"] = "Off" });
        using var slow = await RawConnection.OpenAsync(gateway.Port);
        await slow.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await slow.ReadSomeAsync(100);
        using var refused = await gateway.GetAsync("/small");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        gateway.Buffers.Memory.ShouldBe(0);
        (await slow.ReadToEndAsync()).ShouldBeGreaterThanOrEqualTo(Large);
    }

    [Theory]
    [InlineData("Off", "16MiB")]
    [InlineData("On", "128KiB")]
    public async Task A_reader_that_stalls_holds_no_permit_beyond_the_run_time_out(string buffering, string max)
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(
            server,
            new() { ["Limit"] = "1", ["RunTimeout"] = "500ms", ["ResponseBuffer:Memory"] = "64KiB", ["ResponseBuffer:Max"] = max },
            route: new() { ["Admission.ResponseBuffering"] = buffering });
        using var stalled = await RawConnection.OpenAsync(gateway.Port);
        await stalled.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        await stalled.ReadSomeAsync(100);
        await gateway.PermitsComeBackAsync();
        await Until.TrueAsync(() => gateway.Buffers is { Memory: 0, Disk: 0 }, "The buffer stays.");
    }

    [Fact]
    public async Task A_step_of_the_pipeline_that_fails_leaves_nothing_behind()
    {
        await using var server = await TestServer.StartAsync(Serve);
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["ResponseBuffer:Memory"] = "64KiB", ["ResponseBuffer:Max"] = "64MiB" });
        using (var slow = await RawConnection.OpenAsync(gateway.Port))
        {
            await slow.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nX-Test-Throws: 1\r\n\r\n");
            await slow.ReadSomeAsync(100);
            await Until.TrueAsync(() => gateway.Buffers.Memory + gateway.Buffers.Disk > 0, "Nothing is buffered.");
            await gateway.PermitsComeBackAsync();
        }

        await Until.TrueAsync(() => gateway.Buffers is { Memory: 0, Disk: 0 }, "The buffer stays.");
    }

    private static async Task Serve(HttpContext context)
    {
        if (context.Request.Path == "/small")
        {
            return;
        }

        context.Response.ContentLength = context.Request.Path == "/length" ? Large : null;
        await context.Response.Body.WriteAsync(Content);
    }

    private static byte[] MakeContent()
    {
        var content = new byte[Large];
        new Random(7).NextBytes(content);
        return content;
    }
}
