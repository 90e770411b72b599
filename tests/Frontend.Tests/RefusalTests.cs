using System.Net;
using Admission.Capacity;
using Admission.Frontend.Problems;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public sealed class RefusalTests
{
    [Fact]
    public async Task Has_exactly_this_shape()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        using var response = await gateway.GetAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var retryAfter = (int)response.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        retryAfter.ShouldBeGreaterThanOrEqualTo(1);
        var seconds = retryAfter == 1 ? "a second" : $"{retryAfter} seconds";
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/problem+json");
        var ticket = response.Headers.GetValues("X-Admission-Ticket").Single();
        ticket.Length.ShouldBe(32);
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            "{\"type\":\"urn:admission:problem:at-capacity\",\"title\":\"The backend is at its limit\",\"status\":503,"
            + $"\"detail\":\"All 1 places of the backend 'model' are in use. Try again in {seconds}.\",\"backend\":\"model\",\"reason\":\"at-capacity\","
            + $"\"limit\":1,\"inUse\":1,\"queued\":0,\"ticket\":\"{ticket}\",\"retryAfter\":{retryAfter}}}");
        response.Headers.Contains("Server-Timing").ShouldBeFalse();
        go.Release();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task Says_that_the_queue_is_full()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "1" });
        var waiting = new[] { gateway.GetAsync(), gateway.GetAsync() };
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy is { InUse: 1, Queued: 1 }, "One in, one waiting.");
        using var response = await gateway.GetAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var problem = await ProblemReader.ReadAsync(response);
        problem.GetProperty("reason").GetString().ShouldBe("queue-full");
        problem.GetProperty("queued").GetInt32().ShouldBe(1);
        go.Release(2);
        (await Task.WhenAll(waiting)).ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refuses_when_the_wait_is_over()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "10", ["Queue:MaxWait"] = "150ms" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        using var response = await gateway.GetAsync();
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("wait-expired");
        go.Release();
        await first;
    }

    [Fact]
    public async Task Does_not_wait_longer_than_the_request_may()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "10", ["Queue:MaxWait"] = "30s" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        foreach (var deadline in new[] { "0", "100" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("X-Request-Deadline", deadline);
            using var response = await gateway.Http.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(10));
            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        go.Release();
        await first;
    }

    [Theory]
    [InlineData("X-Request-Deadline", "soon", "whole milliseconds from 0 to 86400000")]
    [InlineData("X-Request-Deadline", "-1", "whole milliseconds from 0 to 86400000")]
    [InlineData("X-Request-Deadline", "99999999999", "whole milliseconds from 0 to 86400000")]
    [InlineData("X-Admission-Weight", "0", "a whole number from 1 to 1000000")]
    [InlineData("X-Admission-Weight", "heavy", "a whole number from 1 to 1000000")]
    [InlineData("X-Admission-Priority", "100", "a whole number from 0 to 99")]
    public async Task Names_the_header_that_is_not_understood(string header, string value, string accepted)
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.TrustHeaders"] = "true" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await ProblemReader.ReadAsync(response);
        problem.GetProperty("reason").GetString().ShouldBe("invalid-header");
        problem.GetProperty("detail").GetString().ShouldBe($"The header {header} is '{value}'. Accepted is {accepted}.");
        server.Seen.ShouldBe(0);
    }

    [Fact]
    public async Task Ignores_and_strips_headers_that_are_not_trusted()
    {
        var seen = "";
        await using var server = await TestServer.StartAsync(context =>
        {
            seen = string.Join(",", context.Request.Headers.Keys.Where(key => key.StartsWith("X-", StringComparison.Ordinal)));
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Admission-Weight", "heavy");
        request.Headers.Add("X-Admission-Priority", "0");
        request.Headers.Add("X-Admission-Tenant", "acme");
        request.Headers.Add("X-Other", "stays");
        using var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        seen.ShouldContain("X-Other");
        seen.ShouldNotContain("X-Admission");
    }

    [Fact]
    public async Task Refuses_what_is_heavier_than_the_limit_for_good()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2" }, route: new() { ["Admission.TrustHeaders"] = "true" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Admission-Weight", "3");
        using var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("weight-above-limit");
        response.Headers.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task Says_that_a_limit_of_zero_is_a_pause()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "0" });
        using var response = await gateway.GetAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ProblemReader.ReadAsync(response)).GetProperty("detail").GetString()!.ShouldStartWith("The limit of the backend 'model' is 0, so it serves nothing");
        server.Seen.ShouldBe(0);
    }

    [Fact]
    public void Has_words_for_every_reason()
    {
        foreach (var reason in Enum.GetValues<RefusalReason>().Where(reason => reason != RefusalReason.None))
        {
            var problem = RefusalWords.Describe("model", new Refusal(reason, new Occupancy(8, 8, 3, TimeSpan.FromSeconds(2.5))), heavy: true, paused: false, retryAfter: 3);
            problem.Reason.ShouldBe(KebabCase.Of(reason));
            problem.Detail.ShouldEndWith(".");
            problem.Status.ShouldBe(reason switch
            {
                RefusalReason.WeightAboveLimit => 400,
                RefusalReason.TenantShare or RefusalReason.TenantCap => 429,
                _ => 503,
            });
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(300, 1)]
    [InlineData(1000, 1)]
    [InlineData(1001, 2)]
    [InlineData(45_500, 46)]
    public async Task Rounds_retry_after_up_to_whole_seconds(int milliseconds, int seconds)
    {
        var context = new DefaultHttpContext();
        var backend = new Forwarding.Backend(new Configuration.BackendSettings(
            "model", new BackendPolicy { Limit = 1 }, Configuration.BufferSettings.DefaultRequest, Configuration.BufferSettings.DefaultResponse));
        var refusal = new Refusal(RefusalReason.AtCapacity, new Occupancy(1, 1, 0, TimeSpan.FromMilliseconds(milliseconds)));
        TicketId.TryParse("AQIAAAAAAAFmOu0WDQHHwgAAAAAAAAAA", out var ticket).ShouldBeTrue();
        await RefusalText.WriteAsync(context, backend, refusal, heavy: false, ticket);
        context.Response.Headers.RetryAfter.ToString().ShouldBe($"{seconds}");
        var text = backend.LastRefusal;
        await RefusalText.WriteAsync(new DefaultHttpContext(), backend, refusal with { }, heavy: false, ticket);
        backend.LastRefusal.ShouldBeSameAs(text, "A storm of refusals makes the same text again and again.");

        var nameless = new DefaultHttpContext();
        await RefusalText.WriteAsync(nameless, backend, refusal, heavy: false, default);
        nameless.Response.Headers.ContainsKey(Problem.TicketHeader).ShouldBeFalse();
        context.Response.Headers[Problem.TicketHeader].ToString().ShouldBe("AQIAAAAAAAFmOu0WDQHHwgAAAAAAAAAA");
    }
}
