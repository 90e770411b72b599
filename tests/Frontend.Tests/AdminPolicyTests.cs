using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests;

/// <summary>Policies that are changed while they run, by the admin API.</summary>
public sealed class AdminPolicyTests
{
    private const string Policy = "/admission/v1/backends/model/policy";

    [Fact]
    public async Task A_change_needs_the_etag_of_what_was_seen_and_holds_at_once()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        using var seen = await gateway.GetAsync(Policy);
        var etag = seen.Headers.ETag!.ToString();
        (await JsonAsync(seen)).GetProperty("limit").GetInt32().ShouldBe(3);

        using var blind = await PatchAsync(gateway, """{"limit": 2}""", etag: null);
        blind.StatusCode.ShouldBe(HttpStatusCode.PreconditionRequired);
        await ShouldBeProblemAsync(blind, "if-match-required");

        using var changed = await PatchAsync(gateway, """{"limit": 0, "paused": false}""", etag);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        var view = await JsonAsync(changed);
        view.GetProperty("limit").GetInt32().ShouldBe(0);
        view.GetProperty("configured").GetProperty("limit").GetInt32().ShouldBe(3);
        view.GetProperty("adjustment").GetRawText().ShouldBe("""{"limit":0}""");
        changed.Headers.ETag!.ToString().ShouldNotBe(etag);
        using var refused = await gateway.GetAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        using var late = await PatchAsync(gateway, """{"limit": 2}""", etag);
        late.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        late.Headers.ETag.ShouldBe(changed.Headers.ETag);
        await ShouldBeProblemAsync(late, "policy-changed");

        using var same = new HttpRequestMessage(HttpMethod.Get, Policy) { Headers = { IfNoneMatch = { changed.Headers.ETag! } } };
        using var unchanged = await gateway.Http.SendAsync(same);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);

        using var removal = new HttpRequestMessage(HttpMethod.Delete, $"{Policy}/adjustment") { Headers = { IfMatch = { EntityTagHeaderValue.Any } } };
        using var removed = await gateway.Http.SendAsync(removal);
        removed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(removed)).GetProperty("adjustment").ValueKind.ShouldBe(JsonValueKind.Null);
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.OK, "It is not served again.");
    }

    [Fact]
    public async Task A_wrong_change_is_refused_whole_with_every_reason()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        using var wrong = await PatchAsync(
            gateway, """{"limit": -1, "queueCapacity": "many", "maxWait": 5, "version": 3, "limt": 2, "paused": 1, "priorities": {"normal": {"number": 3}}, "destinations": {"a": {"limit": 1}}}""", "*");
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = await ShouldBeProblemAsync(wrong, "invalid-policy");
        var errors = problem.GetProperty("errors").EnumerateArray().Select(error => error.GetString()!).ToList();
        errors.Select(error => error.Split(':')[0]).ShouldBe(
            ["queueCapacity", "maxWait", "version", "limt", "paused", "priorities.normal.number", "limit", "destinations.a"], ignoreOrder: true);
        errors.ShouldContain(error => error.Contains("Did you mean 'limit'?", StringComparison.Ordinal));
        (await JsonAsync(await gateway.GetAsync(Policy))).GetProperty("adjustment").ValueKind.ShouldBe(JsonValueKind.Null);

        foreach (var (body, type, status, reason) in new[]
        {
            ("[1]", "application/merge-patch+json", HttpStatusCode.BadRequest, "invalid-json"),
            ("{\"limit\": 1, \"limit\": 2}", "application/merge-patch+json", HttpStatusCode.BadRequest, "invalid-json"),
            ("{", "application/json", HttpStatusCode.BadRequest, "invalid-json"),
            ("limit=1", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"),
            (new string(' ', 70_000), "application/json", HttpStatusCode.RequestEntityTooLarge, "body-too-large"),
        })
        {
            using var refused = await PatchAsync(gateway, body, "*", type);
            refused.StatusCode.ShouldBe(status);
            await ShouldBeProblemAsync(refused, reason);
        }
    }

    [Fact]
    public async Task Paused_it_refuses_and_says_so_and_resumed_it_serves()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model/ready"))).GetProperty("ready").GetBoolean().ShouldBeTrue();
        (await gateway.Http.PostAsync("/admission/v1/backends/model/pause", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.ServiceUnavailable, "It is not paused.");
        using var refused = await gateway.GetAsync();
        await ShouldBeProblemAsync(refused, "paused");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        using var notReady = await gateway.GetAsync("/admission/v1/backends/model/ready");
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await JsonAsync(notReady)).GetProperty("reason").GetString().ShouldBe("paused");
        (await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model"))).GetProperty("paused").GetBoolean().ShouldBeTrue();
        (await gateway.Http.PostAsync("/admission/v1/backends/model/resume", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.OK, "It is not resumed.");

        var history = (await JsonAsync(await gateway.GetAsync($"{Policy}/history"))).GetProperty("changes");
        history[0].GetProperty("by").GetString().ShouldBe("somebody on this machine");
        history[0].GetProperty("changes").GetRawText().ShouldBe("""[{"field":"paused","from":"true","to":"false"}]""");
        history.EnumerateArray().Last().GetProperty("by").ValueKind.ShouldBe(JsonValueKind.Null);
        var audit = (await JsonAsync(await gateway.GetAsync("/admission/v1/audit"))).GetProperty("entries");
        audit.GetArrayLength().ShouldBe(2);
        audit[0].GetProperty("backend").GetString().ShouldBe("model");
        gateway.Log.Lines(2210).First().ShouldContain("was changed by somebody on this machine: paused false -> true");
    }

    [Fact]
    public async Task A_destination_is_drained_and_comes_back()
    {
        await using var one = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var two = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(one, new() { ["DestinationLimit"] = "1" }, more: two);
        (await gateway.Http.PostAsync("/admission/v1/backends/model/destinations/b/drain", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(async () => (await StateAsync("b")) == "drained", "It is not drained.");
        var before = two.Seen;
        for (var i = 0; i < 6; i++)
        {
            (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        two.Seen.ShouldBe(before);
        var view = (await JsonAsync(await gateway.GetAsync(Policy))).GetProperty("destinations").GetProperty("b");
        view.GetRawText().ShouldBe("""{"limit":1,"drained":true}""");
        using var unknown = await gateway.Http.PostAsync("/admission/v1/backends/model/destinations/c/undrain", null);
        unknown.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await gateway.Http.PostAsync("/admission/v1/backends/model/destinations/B/undrain", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StateAsync("b")).ShouldBe("in-service");
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.OK && two.Seen > before, "Nothing is sent there.");

        async Task<string?> StateAsync(string name) => (await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model/destinations"))).GetProperty("destinations")
            .EnumerateArray().Single(each => each.GetProperty("id").GetString() == name).GetProperty("state").GetString();
    }

    [Fact]
    public async Task Tells_who_waits_and_who_holds()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "3" });
        var requests = Enumerable.Range(0, 4).Select(_ => gateway.GetAsync()).ToList();
        await Until.TrueAsync(async () => (await TicketsAsync("")).GetProperty("total").GetInt32() == 3, "Three do not wait.");
        var first = await TicketsAsync("?limit=2");
        first.GetProperty("tickets").GetArrayLength().ShouldBe(2);
        first.GetProperty("groups")[0].GetProperty("count").GetInt32().ShouldBe(3);
        var second = await JsonAsync(await gateway.GetAsync(first.GetProperty("next").GetString()!));
        second.GetProperty("tickets").GetArrayLength().ShouldBe(1);
        second.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        var ticket = first.GetProperty("tickets")[0].GetProperty("ticket").GetString();
        (await gateway.GetAsync($"/admission/v1/backends/model/explain?ticket={ticket}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.GetAsync("/admission/v1/backends/model/tickets?limit=0")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var holder = (await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model/holders"))).GetProperty("holders").EnumerateArray().Single();
        holder.GetProperty("inUse").GetInt32().ShouldBe(1);
        holder.GetProperty("queued").GetInt32().ShouldBe(3);
        var backend = await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model"));
        (backend.GetProperty("inUse").GetInt32(), backend.GetProperty("idle").GetInt32(), backend.GetProperty("booked").GetInt32()).ShouldBe((1, 0, 1));
        (await gateway.GetAsync("/admission/v1/backends/model/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        go.Release(4);
        await Task.WhenAll(requests);

        async Task<JsonElement> TicketsAsync(string query) => await JsonAsync(await gateway.GetAsync($"/admission/v1/backends/model/tickets{query}"));
    }

    [Fact]
    public async Task What_is_kept_idle_is_not_in_use()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "8", ["LeaseTtl"] = "5m" });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.GetAsync()));
        await Until.TrueAsync(() => gateway.Client.StateOf("model") is { InUse: 0 }, "Permits are in use.");

        // Until the next report, a minute and more away, the ledger has the figures of the busy time.
        var backend = await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model"));
        backend.GetProperty("inUse").GetInt32().ShouldBe(0);
        backend.GetProperty("idle").GetInt32().ShouldBe(backend.GetProperty("booked").GetInt32());
        (await JsonAsync(await gateway.GetAsync("/admission/v1/backends/model/ready"))).GetProperty("ready").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData("GET", "/admission/v1/backends/none/policy", "unknown-backend")]
    [InlineData("POST", "/admission/v1/backends/none/pause", "unknown-backend")]
    [InlineData("GET", "/admission/v1/backends/none/ready", "unknown-backend")]
    [InlineData("GET", "/admission/v1/nowhere", "unknown-address")]
    [InlineData("PUT", "/admission/v1/backends/model/policy", "unknown-address")]
    public async Task What_is_not_there_is_told_as_a_problem(string method, string path, string reason)
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await gateway.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await ShouldBeProblemAsync(answer, reason);
        server.Seen.ShouldBe(0);
    }

    [Fact]
    public async Task A_ledger_that_does_not_answer_changes_nothing_and_the_answer_says_so()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        gateway.IsCutOff = true;
        using var answer = await PatchAsync(gateway, """{"limit": 2}""", "*");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        await ShouldBeProblemAsync(answer, "ledger-unreachable");
        (await JsonAsync(await gateway.GetAsync("/admission/v1/audit"))).GetProperty("missing")[0].GetString().ShouldBe("model");
    }

    private static async Task<HttpResponseMessage> PatchAsync(TestGateway gateway, string body, string? etag, string type = "application/merge-patch+json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, Policy) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        }

        return await gateway.Http.SendAsync(request);
    }

    private static async Task<JsonElement> ShouldBeProblemAsync(HttpResponseMessage answer, string reason)
    {
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await JsonAsync(answer);
        problem.GetProperty("reason").GetString().ShouldBe(reason);
        problem.GetProperty("status").GetInt32().ShouldBe((int)answer.StatusCode);
        return problem;
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
