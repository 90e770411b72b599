using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests.Classification;

/// <summary>Rules at work in the gateway.</summary>
public sealed class GatewayTests
{
    [Fact]
    public async Task A_request_takes_as_many_permits_as_its_header_says_and_refusals_have_their_reason_in_a_header()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3", ["Classify:Weight"] = "Header:X-Weight" });
        var heavy = SendAsync(gateway, ("X-Weight", "3"));
        await Until.TrueAsync(() => server.Inside == 1, "The heavy request does not arrive.");
        using (var refused = await gateway.GetAsync())
        {
            refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["at-capacity"]);
            (await ProblemReader.ReadAsync(refused)).GetProperty("inUse").GetInt32().ShouldBe(3);
        }

        go.Release();
        (await heavy).Headers.Contains("X-Admission-Reason").ShouldBeFalse();
        using var tooHeavy = await SendAsync(gateway, ("X-Weight", "4"));
        tooHeavy.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        tooHeavy.Headers.GetValues("X-Admission-Reason").ShouldBe(["weight-above-limit"]);
        using var mistaken = await SendAsync(gateway, ("X-Weight", "heavy"));
        mistaken.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        mistaken.Headers.GetValues("X-Admission-Reason").ShouldBe(["invalid-header"]);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task A_critical_request_goes_before_those_that_came_earlier()
    {
        var served = new List<string>();
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(context =>
        {
            lock (served)
            {
                served.Add(context.Request.Headers["X-Priority"].ToString());
            }

            return go.WaitAsync();
        });
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Classify:Priority:0"] = "Header:X-Priority", ["Classify:Priority:1"] = "Route" },
            route: new() { ["Admission.Priority"] = "normal" });
        var answers = new List<Task<HttpResponseMessage>> { SendAsync(gateway) };
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        foreach (var (priority, waiting) in new[] { ("background", 1), ("30", 2), ("critical", 3) })
        {
            answers.Add(SendAsync(gateway, ("X-Priority", priority)));
            await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Queued == waiting, $"{priority} does not wait.");
        }

        for (var i = 0; i < answers.Count; i++)
        {
            await Until.TrueAsync(() => server.Seen == i + 1, "The next request does not arrive.");
            go.Release();
        }

        (await Task.WhenAll(answers)).ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        served.ShouldBe(["", "critical", "background", "30"]);
    }

    [Fact]
    public async Task A_run_is_cut_at_the_time_that_its_header_says()
    {
        await using var server = await TestServer.StartAsync(context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted));
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["StopsWhenAbandoned"] = "true", ["Classify:RunTimeout"] = "Header:X-Request-Timeout" });
        using var answer = await SendAsync(gateway, ("X-Request-Timeout", "150"));
        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        answer.Headers.GetValues("X-Admission-Reason").ShouldBe(["run-timeout"]);
        (await ProblemReader.ReadAsync(answer)).GetProperty("detail").GetString()!.ShouldContain("did not finish within 0.15 s");
        await gateway.PermitsComeBackAsync();
        await Until.TrueAsync(() => server.Inside == 0, "The backend has not noticed.");
    }

    [Fact]
    public async Task A_run_is_cut_at_the_time_that_its_route_says()
    {
        await using var server = await TestServer.StartAsync(context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted));
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.RunTimeout"] = "150ms" });
        using var answer = await gateway.GetAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task Requests_that_have_been_slow_take_more_permits()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(context => context.Request.Path.Value switch
        {
            "/fails" => Fail(context),
            "/hold" => go.WaitAsync(),
            _ => Task.Delay(40),
        });
        await using var gateway = await TestGateway.StartAsync(
            server,
            new()
            {
                ["Limit"] = "4", ["StopsWhenAbandoned"] = "true", ["Classify:Weight"] = "Estimate", ["Classify:Estimate:Reference"] = "10ms",
                ["Classify:RunTimeout"] = "Header:X-Request-Timeout",
            });
        for (var i = 0; i < 8; i++)
        {
            // Neither shows what a request costs, and each would halve the mean.
            (await gateway.GetAsync("/fails")).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
            (await SendAsync(gateway, "/slow", ("X-Request-Timeout", "1"))).StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
            (await SendAsync(gateway, "/slow", ("X-Request-Timeout", "30000"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var held = gateway.GetAsync("/hold");
        await Until.TrueAsync(() => server.Inside == 1, "The held request does not arrive.");
        using var refused = await gateway.GetAsync();
        (await ProblemReader.ReadAsync(refused)).GetProperty("inUse").GetInt32().ShouldBe(4);
        go.Release();
        (await held).StatusCode.ShouldBe(HttpStatusCode.OK);

        static Task Fail(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_tenant_that_cannot_be_one_is_refused()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Classify:Tenant"] = "Query:tenant, ClientAddress" });
        using var refused = await gateway.GetAsync($"/?tenant={new string('x', 201)}");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ProblemReader.ReadAsync(refused)).GetProperty("reason").GetString().ShouldBe("invalid-query");
        (await gateway.GetAsync("/?tenant=acme")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, params (string Name, string Value)[] headers) => SendAsync(gateway, "/", headers);

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await gateway.Http.SendAsync(request);
    }
}
