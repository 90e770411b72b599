using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Admission.Frontend.Tests;

public sealed class LeavingClientTests
{
    [Fact]
    public async Task Gives_up_its_ticket_when_it_leaves_while_it_waits()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "10", ["Queue:MaxWait"] = "60s" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        using (var impatient = await RawConnection.OpenAsync(gateway.Port))
        {
            await impatient.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 1, "It does not wait.");
        }

        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 0, "The ticket stays.");
        go.Release();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task Gives_up_its_ticket_alone_when_others_wait_on_the_same_connection()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "10", ["Queue:MaxWait"] = "60s" }, protocols: HttpProtocols.Http2);
        using var leaves = new CancellationTokenSource();
        var first = GetOverHttp2Async(gateway, default);
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        var impatient = GetOverHttp2Async(gateway, leaves.Token);
        var patient = GetOverHttp2Async(gateway, default);
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 2, "They do not wait.");

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 1, "The ticket stays.");
        go.Release(2);
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await patient).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Seen.ShouldBe(2);
    }

    [Theory]
    [InlineData("On")]
    [InlineData("Off")]
    public async Task Keeps_the_permit_until_the_backend_is_done(string buffering)
    {
        using var go = new SemaphoreSlim(0);
        var finished = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async context =>
        {
            await go.WaitAsync();
            await context.Response.Body.WriteAsync(new byte[1 << 20]);
            await go.WaitAsync();
            await context.Response.Body.WriteAsync(new byte[1 << 20]);
            context.RequestAborted.IsCancellationRequested.ShouldBeFalse();
            finished.SetResult();
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.ResponseBuffering"] = buffering });
        using (var leaving = await RawConnection.OpenAsync(gateway.Port))
        {
            await leaving.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await Until.TrueAsync(() => server.Inside == 1, "The request does not arrive.");
        }

        await StaysTakenAsync(gateway);
        go.Release();
        await StaysTakenAsync(gateway);
        go.Release();
        await finished.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Is_not_sent_to_the_backend_when_it_leaves_just_after_the_grant()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Test-Leaves", "1" } } };
        using var response = await gateway.Http.SendAsync(request);
        gateway.Left!.StatusCode.ShouldBe(StatusCodes.Status499ClientClosedRequest);
        server.Seen.ShouldBe(0);
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Ends_the_work_when_the_backend_stops_what_is_abandoned()
    {
        var aborted = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async context =>
        {
            await using var registration = context.RequestAborted.Register(aborted.SetResult);
            await aborted.Task;
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["StopsWhenAbandoned"] = "true" });
        using (var leaving = await RawConnection.OpenAsync(gateway.Port))
        {
            await leaving.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await Until.TrueAsync(() => server.Inside == 1, "The request does not arrive.");
        }

        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task The_run_time_out_ends_abandoned_work_too()
    {
        using var go = new SemaphoreSlim(0);

        // It is not inside for longer than its time, which a look from outside may miss.
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(context =>
        {
            arrived.TrySetResult();
            return go.WaitAsync(context.RequestAborted);
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["RunTimeout"] = "300ms" });
        using (var leaving = await RawConnection.OpenAsync(gateway.Port))
        {
            await leaving.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(15));
        }

        await gateway.PermitsComeBackAsync();
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.RunTimeouts == 1, "It is not counted.");
    }

    [Fact]
    public async Task Is_counted_whether_it_leaves_waiting_or_in_flight_and_not_once_its_answer_has_begun()
    {
        using var begin = new SemaphoreSlim(0);
        using var end = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(async context =>
        {
            await begin.WaitAsync();
            await context.Response.Body.WriteAsync("begun"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await end.WaitAsync();
        });
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "10", ["Queue:MaxWait"] = "60s", ["LeaseTtl"] = "1s" });
        using (var inFlight = await RawConnection.OpenAsync(gateway.Port))
        {
            await inFlight.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await Until.TrueAsync(() => server.Inside == 1, "The request does not arrive.");
            using var waiting = await RawConnection.OpenAsync(gateway.Port);
            await waiting.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 1, "It does not wait.");
        }

        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.ClientsLeft == 2, "They are not counted.");
        begin.Release();
        end.Release();
        await gateway.PermitsComeBackAsync();
        using (var answered = await RawConnection.OpenAsync(gateway.Port))
        {
            await answered.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            begin.Release();
            await answered.ReadUntilAsync("begun");
        }

        end.Release();
        await gateway.PermitsComeBackAsync();
        (await gateway.Client.DescribeAsync("model"))!.ClientsLeft.ShouldBe(2, "Who leaves in the middle of an answer was patient enough.");
    }

    private static async Task StaysTakenAsync(TestGateway gateway)
    {
        for (var i = 0; i < 5; i++)
        {
            using var refused = await gateway.GetAsync();
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await Task.Delay(10);
        }
    }

    private static async Task<HttpResponseMessage> GetOverHttp2Async(TestGateway gateway, CancellationToken leaves)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return await gateway.Http.SendAsync(request, leaves);
    }
}
