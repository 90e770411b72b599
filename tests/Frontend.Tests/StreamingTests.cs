using System.Net;
using System.Net.WebSockets;
using System.Text;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Admission.Frontend.Tests;

public sealed class StreamingTests
{
    [Fact]
    public async Task A_websocket_holds_its_permit_until_it_closes()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using (var socket = await ConnectAsync(gateway))
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, default);
            var buffer = new byte[100];
            var received = await socket.ReceiveAsync(buffer, default);
            Encoding.UTF8.GetString(buffer, 0, received.Count).ShouldBe("hello");
            using var refused = await gateway.GetAsync();
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }

        await gateway.PermitsComeBackAsync();
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_websocket_whose_client_vanishes_gives_its_permit_back(string stopsWhenAbandoned)
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["StopsWhenAbandoned"] = stopsWhenAbandoned });
        var socket = await ConnectAsync(gateway);
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        socket.Abort();
        await gateway.PermitsComeBackAsync();
        await Until.TrueAsync(() => server.Inside == 0, "The backend still has it.");
    }

    [Fact]
    public async Task A_request_that_only_asks_for_an_upgrade_is_not_ended_by_its_clients_leaving()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using (var client = await RawConnection.OpenAsync(gateway.Port))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        }

        for (var i = 0; i < 5; i++)
        {
            using var refused = await gateway.GetAsync();
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await Task.Delay(10);
        }

        go.Release();
        await gateway.PermitsComeBackAsync();
    }

    [Theory]
    [InlineData("On")]
    [InlineData("Off")]
    public async Task Events_reach_the_client_as_they_come(string buffering)
    {
        using var next = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n");
                await context.Response.Body.FlushAsync();
                await next.WaitAsync();
            }
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.ResponseBuffering"] = buffering });
        using var response = await gateway.Http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            (await events.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe($"data: {i}");
            await events.ReadLineAsync();
            next.Release();
        }

        (await events.ReadLineAsync()).ShouldBeNull();
        await gateway.PermitsComeBackAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/grpc")]
    public async Task Trailers_arrive(string contentType)
    {
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                await context.Response.WriteAsync("body");
                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        await using var gateway = await StartHttp2Async(server);
        using var request = Post(new StringContent("question", Encoding.UTF8, contentType));
        using var response = await gateway.Http.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).ShouldBe("body");
        response.TrailingHeaders.GetValues("grpc-status").ShouldBe(["0"]);
    }

    [Fact]
    public async Task Grpc_may_take_turns()
    {
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                var buffer = new byte[100];
                for (int count; (count = await context.Request.Body.ReadAsync(buffer)) > 0;)
                {
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, count));
                }
            },
            HttpProtocols.Http2);
        await using var gateway = await StartHttp2Async(server);
        var sends = new DuplexContent();
        using var request = Post(sends);
        var sending = gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await sends.SendAsync("ping");
        using var response = await sending.WaitAsync(TimeSpan.FromSeconds(10));
        var answers = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        (await answers.ReadAsync(buffer)).ShouldBe(4);
        await sends.SendAsync("pong!");
        (await answers.ReadAsync(buffer)).ShouldBe(5);
        sends.Complete();
        (await answers.ReadAsync(buffer)).ShouldBe(0);
        await gateway.PermitsComeBackAsync();
    }

    private static Task<TestGateway> StartHttp2Async(TestServer server) => TestGateway.StartAsync(
        server,
        new() { ["Limit"] = "1" },
        protocols: HttpProtocols.Http2,
        cluster: new() { ["HttpRequest:Version"] = "2", ["HttpRequest:VersionPolicy"] = "RequestVersionExact" });

    private static HttpRequestMessage Post(HttpContent content) =>
        new(HttpMethod.Post, "/") { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static async Task<ClientWebSocket> ConnectAsync(TestGateway gateway)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{gateway.Port}/"), default);
        return socket;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[100];
        while (socket.State == WebSocketState.Open)
        {
            var received = await socket.ReceiveAsync(buffer, default);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, default);
        }
    }
}
