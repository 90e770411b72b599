using System.Net;
using System.Text.Json;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests;

/// <summary>The ledger cannot be reached for a while.</summary>
public sealed class DegradedTests
{
    [Fact]
    public async Task Serves_from_what_it_holds_then_refuses_and_says_so_and_then_serves_again()
    {
        var go = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(_ => go.Task);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2", ["LeaseTtl"] = "10s", ["Quarantine"] = "0s" });
        var inFlight = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        gateway.IsCutOff = true;
        await Until.TrueAsync(async () => (await HereAsync(gateway)).GetProperty("detachedFor").ValueKind == JsonValueKind.Number, "It does not notice.");

        // Its permit comes back, and is kept for the next.
        go.SetResult();
        (await inFlight).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend) is { InUse: 0 }, "The permit does not come back.");
        await StatusIsAsync(gateway, "/", HttpStatusCode.OK);
        await StatusIsAsync(gateway, "/health/ready", HttpStatusCode.OK);
        var here = await HereAsync(gateway);
        here.GetProperty("held").GetInt32().ShouldBeInRange(1, 2);
        here.GetProperty("leaseLeft").GetDouble().ShouldBeInRange(0.1, 9);
        here.GetProperty("exchanges").GetInt64().ShouldBeGreaterThan(0);

        gateway.Time.Stall(TimeSpan.FromSeconds(10));
        await Until.TrueAsync(() => gateway.Log.Lines(1008).Any(), "It does not say that the lease has run out.");
        using var refused = await gateway.GetAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
        var problem = await ProblemReader.ReadAsync(refused);
        problem.GetProperty("reason").GetString().ShouldBe("ledger-unreachable");
        problem.GetProperty("detail").GetString()!.ShouldContain("its lease has run out");
        using var notReady = await gateway.GetAsync("/health/ready");
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await notReady.Content.ReadAsStringAsync()).ShouldContain("the ledger of 'model' does not answer");
        await StatusIsAsync(gateway, "/health/live", HttpStatusCode.OK);
        (await HereAsync(gateway)).GetProperty("held").GetInt32().ShouldBe(0);

        gateway.IsCutOff = false;
        await Until.TrueAsync(async () => (await gateway.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "It does not become ready.");

        // The old life's permits are free when the ledger's side of the lease has run out too.
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.OK, "It does not serve again.");
        (await HereAsync(gateway)).GetProperty("detachedFor").ValueKind.ShouldBe(JsonValueKind.Null);
        gateway.Log.Lines(1000).ShouldHaveSingleItem().ShouldContain("The test has cut the network.");
        gateway.Log.Lines(1008).ShouldHaveSingleItem();
        await Until.TrueAsync(() => gateway.Log.Lines(1001).Any(), "It does not say that it is over.");
        gateway.Log.Lines(1001).ShouldHaveSingleItem().ShouldContain("after ");
    }

    [Fact]
    public async Task Who_gets_no_requests_because_it_is_not_ready_is_found_again_after_a_long_outage()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2", ["LeaseTtl"] = "10s", ["Quarantine"] = "0s" });
        await StatusIsAsync(gateway, "/", HttpStatusCode.OK);
        gateway.IsCutOff = true;
        gateway.Time.Stall(TimeSpan.FromSeconds(11));
        await Until.TrueAsync(async () => (await gateway.GetAsync("/health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable, "It does not notice.");

        // It has stopped asking, so that it would not learn of the end.
        gateway.Time.Stall(TimeSpan.FromSeconds(61));
        await Until.TrueAsync(async () => (await gateway.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "Nobody would ask it again.");
        await StatusIsAsync(gateway, "/admission/v1/backends/model/ready", HttpStatusCode.OK);
        gateway.IsCutOff = false;
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.OK, "It does not serve again.");
        await StatusIsAsync(gateway, "/health/ready", HttpStatusCode.OK);
    }

    private static async Task StatusIsAsync(TestGateway gateway, string path, HttpStatusCode expected)
    {
        using var response = await gateway.GetAsync(path);
        response.StatusCode.ShouldBe(expected, await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> HereAsync(TestGateway gateway)
    {
        using var document = JsonDocument.Parse(await gateway.Http.GetStringAsync("/admission/v1/backends/model"));
        return document.RootElement.GetProperty("here").Clone();
    }
}
