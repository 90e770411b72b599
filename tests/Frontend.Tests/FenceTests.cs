using System.Net;
using System.Net.Sockets;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Frontend.Tests;

/// <summary>The gateway is stopped between the moment that it admits a request and the moment that it writes it to the backend.</summary>
public sealed class FenceTests
{
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("Cancel", HttpProtocols.Http1)]
    [InlineData("Continue", HttpProtocols.Http1)]
    [InlineData("Cancel", HttpProtocols.Http2)]
    [InlineData("Continue", HttpProtocols.Http2)]
    public async Task A_request_is_not_sent_on_a_permit_whose_lease_ran_out_on_the_way(string onLeaseLost, HttpProtocols protocol)
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask, protocol);
        Dictionary<string, string?>? cluster = protocol == HttpProtocols.Http1
            ? null
            : new() { ["HttpRequest:Version"] = "2", ["HttpRequest:VersionPolicy"] = "RequestVersionExact" };
        await using var gateway = await TestGateway.StartAsync(server, Policy(onLeaseLost), cluster: cluster);
        using var stalls = new HttpRequestMessage(HttpMethod.Post, "/") { Headers = { { "X-Test-Stalls", "1" } }, Content = new StringContent("body") };
        using var response = await gateway.Http.SendAsync(stalls);

        await IsNotSentAsync(response);
        server.Seen.ShouldBe(0);
        await ServesAgainAsync(gateway);
        server.Seen.ShouldBe(1);
        gateway.Log.Lines(2021).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Cancel")]
    [InlineData("Continue")]
    public async Task Not_a_byte_is_written_when_the_lease_ran_out_while_connecting(string onLeaseLost)
    {
        using var backend = new RawBackend(answers: 2);
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        TestGateway? running = null;
        var connections = 0;
        await using var gateway = await TestGateway.StartAsync(
            server, Policy(onLeaseLost), connections: handler => ConnectTo(backend, handler, () => StallAt(1, ref connections, running!)).UseAdmissionFence());
        running = gateway;
        using var response = await gateway.GetAsync();

        await IsNotSentAsync(response);
        backend.Bytes.ShouldBe(0);
        await ServesAgainAsync(gateway);
        gateway.Log.Lines(2021).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_that_is_written_again_is_checked_again()
    {
        using var backend = new RawBackend(answers: 1);
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        TestGateway? running = null;
        var connections = 0;
        await using var gateway = await TestGateway.StartAsync(
            server, Policy("Continue"), connections: handler => ConnectTo(backend, handler, () => StallAt(2, ref connections, running!)).UseAdmissionFence());
        running = gateway;
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        var each = backend.Bytes;

        // The backend takes the second request and closes; a request without a body is then sent again.
        using var response = await gateway.GetAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout, "it was sent once");
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("lease-lost");
        connections.ShouldBe(2);
        await Until.TrueAsync(() => backend.Closed == 2, "The connection on which nothing may be written stays open.");
        backend.Bytes.ShouldBe(2 * each);
    }

    [Fact]
    public async Task A_gateway_whose_connections_do_not_ask_is_told_so_once()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, Policy("Cancel"), connections: handler => handler.ConnectTimeout = TimeSpan.FromSeconds(5));
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Log.Lines(2021).ShouldHaveSingleItem().ShouldContain("'model'");

        using var stalls = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Test-Stalls", "1" } } };
        using var response = await gateway.Http.SendAsync(stalls);
        await IsNotSentAsync(response);
        server.Seen.ShouldBe(2);
    }

    private static Dictionary<string, string?> Policy(string onLeaseLost) =>
        new() { ["Limit"] = "1", ["LeaseTtl"] = "60s", ["Quarantine"] = "0s", ["OnLeaseLost"] = onLeaseLost };

    private static SocketsHttpHandler ConnectTo(RawBackend backend, SocketsHttpHandler handler, Action connected)
    {
        handler.ConnectCallback = async (_, cancellation) =>
        {
            var to = new Uri(backend.Address);
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(to.Host, to.Port, cancellation);
            connected();
            return new NetworkStream(socket, ownsSocket: true);
        };
        return handler;
    }

    private static void StallAt(int connection, ref int connections, TestGateway gateway)
    {
        if (Interlocked.Increment(ref connections) == connection)
        {
            gateway.Time.Stall(Stall);
        }
    }

    private static async Task IsNotSentAsync(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("lease-lost-before-sending");
    }

    private static Task ServesAgainAsync(TestGateway gateway) => Until.TrueAsync(
        async () =>
        {
            using var response = await gateway.GetAsync();
            return response.StatusCode == HttpStatusCode.OK;
        },
        "It does not serve again.");
}
