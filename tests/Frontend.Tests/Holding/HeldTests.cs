using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Admission.Frontend.Holding;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Admission.Frontend.Tests.Holding;

public sealed class HeldTests
{
    private static Dictionary<string, string?> Policy(params (string Key, string Value)[] more)
    {
        var policy = new Dictionary<string, string?>
        {
            ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:MaxWait"] = "20s", ["Hold:Mode"] = "Heartbeat", ["Hold:After"] = "100ms", ["Hold:Every"] = "100ms",
        };
        foreach (var (key, value) in more)
        {
            policy[key] = value;
        }

        return policy;
    }

    [Fact]
    public async Task A_short_request_keeps_its_status_and_headers()
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Request.Headers.AcceptEncoding.ToString().ShouldBe("identity");
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Mine"] = "1";
            return context.Response.WriteAsync("none");
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy(("Hold:After", "10s")));
        using var response = await SendAsync(gateway, "application/json");
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Headers.GetValues("X-Mine").ShouldBe(["1"]);
        response.Headers.Contains(HoldDesk.Header).ShouldBeFalse();
        (await response.Content.ReadAsStringAsync()).ShouldBe("none");
        using var empty = await SendAsync(gateway, "text/html");
        empty.Headers.GetValues(HoldDesk.Header).ShouldBe(["off; reason=no-format"]);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_long_one_gets_white_space_and_then_its_answer(HttpProtocols protocols)
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(async context =>
        {
            await go.WaitAsync();
            context.Response.StatusCode = 201;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("\uFEFF{\"a\":");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("1}");
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy(), protocols: protocols);
        using var response = await SendAsync(gateway, "application/json", protocols);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
        response.Headers.GetValues(HoldDesk.Header).ShouldBe(["heartbeat"]);
        await using var body = await response.Content.ReadAsStreamAsync();
        (await ReadAsync(body, 3)).ShouldBe("\n\n\n");
        go.Release();
        (await ToEndAsync(body)).TrimStart('\n').ShouldBe("""{"a":1}""");
        response.TrailingHeaders.TryGetValues(HoldDesk.StatusTrailer, out var status).ShouldBe(protocols == HttpProtocols.Http2);
        (status ?? ["201"]).ShouldBe(["201"]);
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Another_answer_than_promised_comes_as_a_problem_with_all_of_it()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            await Task.Delay(200);
            context.Response.StatusCode = 503;
            context.Response.Headers["X-Mine"] = "1";
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync("busy");
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy());
        using var response = await SendAsync(gateway, "application/json");
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        problem.RootElement.GetProperty("status").GetInt32().ShouldBe(503);
        problem.RootElement.GetProperty("headers").GetProperty("X-Mine")[0].GetString().ShouldBe("1");
        problem.RootElement.GetProperty("body").GetString().ShouldBe("busy");
        using var xml = await SendAsync(gateway, "application/xml");
        XDocument.Parse(await xml.Content.ReadAsStringAsync()).Root!.Value.ShouldContain("busy");
    }

    [Fact]
    public async Task An_answer_without_a_body_and_one_that_is_too_large_are_told_as_problems()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            await Task.Delay(200);
            context.Response.StatusCode = context.Request.Path == "/empty" ? 204 : 500;
            await (context.Request.Path == "/empty" ? Task.CompletedTask : context.Response.Body.WriteAsync(new byte[5000]).AsTask());
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy(("Hold:MaxResult", "4KiB")));
        using var empty = await SendAsync(gateway, "application/json", path: "/empty");
        (await ProblemAsync(empty)).GetProperty("status").GetInt32().ShouldBe(204);
        using var large = await SendAsync(gateway, "application/json");
        (await ProblemAsync(large)).GetProperty("reason").GetString().ShouldBe("result-too-large");
        gateway.Buffers.Memory.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_told_where_it_can_be_told_and_breaks_off_where_it_went_on_as_it_is()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            await Task.Delay(200);
            context.Response.StatusCode = context.Request.Path == "/as-it-is" ? 200 : 500;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("[1,");
            await context.Response.Body.FlushAsync();
            await Task.Delay(100);
            context.Abort();
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy());
        using var told = await SendAsync(gateway, "application/json");
        (await ProblemAsync(told)).GetProperty("reason").GetString().ShouldBe("backend-response-failed");
        using var broken = await SendAsync(gateway, "application/json", path: "/as-it-is");
        await Should.ThrowAsync<HttpRequestException>(() => broken.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Who_waits_is_told_a_refusal_in_the_body_and_may_wait_longer_than_others()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, Policy(("Queue:MaxWait", "50ms"), ("Hold:MaxWait", "600ms")));
        var first = SendAsync(gateway, "application/json");
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        using var other = await SendAsync(gateway, "text/html");
        other.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var waited = await SendAsync(gateway, "application/json");
        waited.StatusCode.ShouldBe(HttpStatusCode.OK);
        var problem = await ProblemAsync(waited);
        problem.GetProperty("reason").GetString().ShouldBe("wait-expired");
        problem.GetProperty("retryAfter").GetInt32().ShouldBeGreaterThan(0);
        go.Release(9);
        using var _ = await first;
    }

    [Fact]
    public async Task A_client_of_events_sees_its_ticket_move_up_then_run_then_the_result()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(async context =>
        {
            await go.WaitAsync();
            context.Response.StatusCode = 418;
            await context.Response.WriteAsync("tea");
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy());
        var ahead = new[] { SendAsync(gateway, "text/html"), SendAsync(gateway, "text/html") };
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy is { Queued: 1, InUse: 1 }, "They do not wait.");
        using var response = await SendAsync(gateway, "text/event-stream");
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());
        var ticket = await EventAsync(events, "ticket");
        ticket.GetProperty("position").GetInt32().ShouldBe(2);
        ticket.GetProperty("ticket").GetString().ShouldBe(response.Headers.GetValues("X-Admission-Ticket").Single());
        go.Release();
        (await EventAsync(events, "ticket")).GetProperty("position").GetInt32().ShouldBe(1);
        go.Release();
        (await EventAsync(events, "running")).GetProperty("waited").GetDouble().ShouldBeGreaterThan(0);
        go.Release();
        var result = await EventAsync(events, "result");
        (result.GetProperty("status").GetInt32(), result.GetProperty("body").GetString()).ShouldBe((418, "tea"));
        foreach (var each in ahead)
        {
            (await each).Dispose();
        }
    }

    [Fact]
    public async Task Events_of_the_backends_own_go_on_as_they_are()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            context.Request.Headers.Accept.ToString().ShouldBe("text/event-stream, */*;q=0.5");
            await Task.Delay(200);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: one\n\n");
        });
        await using var gateway = await TestGateway.StartAsync(server, Policy());
        using var response = await SendAsync(gateway, "text/event-stream");
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldStartWith("event: running\ndata: ");
        text.ShouldEndWith("\n\ndata: one\n\n");
    }

    [Fact]
    public async Task A_client_that_leaves_gives_its_ticket_up_at_once()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, Policy());
        var first = SendAsync(gateway, "text/html");
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        using (var leaving = await SendAsync(gateway, "text/event-stream"))
        {
            await leaving.Content.ReadAsStreamAsync();
            (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued.ShouldBe(1);
        }

        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == 0, "The ticket stays.");
        go.Release();
        (await first).Dispose();
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task A_gateway_that_shuts_down_ends_each_held_connection_with_its_outcome()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(context => go.WaitAsync(context.RequestAborted));
        await using var gateway = await TestGateway.StartAsync(server, Policy(), shutdownTimeout: "300ms");
        using var running = await SendAsync(gateway, "application/json");
        using var waiting = await SendAsync(gateway, "text/event-stream");
        using var events = new StreamReader(await waiting.Content.ReadAsStreamAsync());
        await EventAsync(events, "ticket");
        var stopping = gateway.StopAsync();
        var refused = await EventAsync(events, "refused");
        (refused.GetProperty("reason").GetString(), refused.GetProperty("status").GetInt32()).ShouldBe(("shutting-down", 503));
        var cut = await ProblemAsync(running);
        (cut.GetProperty("reason").GetString(), cut.GetProperty("retryAfter").GetInt32()).ShouldBe(("shutting-down", 1));
        go.Release();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task What_fails_in_the_gateway_itself_is_told_too()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, Policy(("Hold:After", "0s")));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "application/json" }, { "X-Test-Throws", "1" } } };
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        (await ProblemAsync(response)).GetProperty("status").GetInt32().ShouldBe(502);
        await gateway.PermitsComeBackAsync();
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, string accept, HttpProtocols protocols = HttpProtocols.Http1, string path = "/")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", accept }, { "Accept-Encoding", "gzip" } } };
        if (protocols == HttpProtocols.Http2)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        return gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<string> ReadAsync(Stream body, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var bytes = new byte[count];
        await body.ReadExactlyAsync(bytes, patience.Token);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static async Task<string> ToEndAsync(Stream body)
    {
        using var reader = new StreamReader(body);
        return await reader.ReadToEndAsync();
    }

    /// <summary>The next event; comments are passed over, and it must have this name.</summary>
    private static async Task<JsonElement> EventAsync(StreamReader events, string name)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await events.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                line.ShouldBe($"event: {name}");
                var data = await events.ReadLineAsync(patience.Token);
                return JsonDocument.Parse(data!["data: ".Length..]).RootElement;
            }
        }

        throw new InvalidOperationException($"The stream ended without {name}.");
    }
}
