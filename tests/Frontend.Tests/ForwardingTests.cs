using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public sealed class ForwardingTests
{
    [Fact]
    public async Task Passes_request_and_response_through()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            context.Response.Headers["X-Seen"] = context.Request.Headers["X-Sent"];
            context.Response.Headers["Server-Timing"] = "db;dur=5";
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/path?q=1");
        request.Headers.Add("X-Sent", "yes");
        using var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.GetValues("X-Seen").ShouldBe(["yes"]);
        (await response.Content.ReadAsStringAsync()).ShouldBe("GET /path?q=1");
        var timing = string.Join(", ", response.Headers.GetValues("Server-Timing"));
        timing.ShouldContain("db;dur=5");
        timing.ShouldContain("admission;dur=");
        await gateway.PermitsComeBackAsync();
    }

    [Theory]
    [InlineData("default", false)]
    [InlineData("anonymous", true)]
    public async Task A_route_that_asks_for_authorization_forwards_nothing_without_it(string policy, bool forwards)
    {
        var served = 0;
        await using var server = await TestServer.StartAsync(context =>
        {
            served++;
            return Task.CompletedTask;
        });
        var settings = TestGateway.Settings([server], new() { ["Limit"] = "1" });
        settings["ReverseProxy:Routes:all:AuthorizationPolicy"] = policy;
        await using var gateway = await TestGateway.StartAsync(settings);
        using var response = await gateway.GetAsync();
        response.IsSuccessStatusCode.ShouldBe(forwards);
        served.ShouldBe(forwards ? 1 : 0);
    }

    [Fact]
    public async Task Passes_head_without_a_body()
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.ContentLength = 12345;
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using var response = await gateway.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));
        response.Content.Headers.ContentLength.ShouldBe(12345);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Sends_the_request_to_the_destination_that_the_permit_names()
    {
        using var go = new SemaphoreSlim(0);
        Task Handle(HttpContext context) => go.WaitAsync();
        await using var a = await TestServer.StartAsync(Handle);
        await using var b = await TestServer.StartAsync(Handle);
        await using var gateway = await TestGateway.StartAsync(
            a, new() { ["Limit:a"] = "1", ["Limit:b"] = "3", ["Overflow"] = "Wait", ["Queue:Capacity"] = "100" }, more: b);
        var requests = Enumerable.Range(0, 12).Select(_ => gateway.GetAsync()).ToArray();
        await Until.TrueAsync(() => a.Inside == 1 && b.Inside == 3, "The destinations do not fill.");
        go.Release(12);
        (await Task.WhenAll(requests)).ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
        a.Greatest.ShouldBe(1);
        b.Greatest.ShouldBe(3);
    }

    [Fact]
    public async Task Keeps_the_limit_without_named_destinations()
    {
        await using var server = await TestServer.StartAsync(_ => Task.Delay(20));
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "4", ["Overflow"] = "Wait", ["Queue:Capacity"] = "100" });
        var responses = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => gateway.GetAsync()));
        responses.ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
        server.Greatest.ShouldBe(4);
        await gateway.PermitsComeBackAsync(4);
    }

    [Fact]
    public async Task Says_that_the_backend_cannot_be_reached_and_returns_the_permit()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        await server.DisposeAsync();
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.GetAsync();
            var problem = await ProblemReader.ReadAsync(response);
            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            problem.GetProperty("reason").GetString().ShouldBe("backend-connection-failed");
        }

        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Says_that_the_backend_closed_before_answering()
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using var response = await gateway.GetAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("backend-response-failed");
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Cuts_the_connection_when_the_backend_fails_in_the_middle()
    {
        await using var server = await TestServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("the first half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        await Should.ThrowAsync<HttpRequestException>(() => gateway.Http.GetStringAsync("/"));
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Ends_a_run_at_its_time_out()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(context => go.WaitAsync(context.RequestAborted));
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["RunTimeout"] = "200ms" });
        using var response = await gateway.GetAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        var problem = await ProblemReader.ReadAsync(response);
        problem.GetProperty("reason").GetString().ShouldBe("run-timeout");
        problem.GetProperty("detail").GetString()!.ShouldContain("0.2 s (RunTimeout)");
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Forwards_what_has_no_policy()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("free"));
        await using var gateway = await TestGateway.StartAsync(server, []);
        (await gateway.Http.GetStringAsync("/")).ShouldBe("free");
        gateway.Log.Lines(2014).Count().ShouldBe(1);
        gateway.Log.Lines(2014).Single().ShouldContain("'model'");
    }
}
