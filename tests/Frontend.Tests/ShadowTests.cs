using System.Net;
using System.Text.Json;
using Admission.Capacity;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

/// <summary>Policies that are decided in shadow, in a whole gateway.</summary>
public sealed class ShadowTests
{
    [Fact]
    public async Task A_policy_in_shadow_lets_everything_pass_and_counts_what_it_would_have_done()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Shadow"] = "true", ["LeaseTtl"] = "4s", ["Quarantine"] = "0s" });
        gateway.Log.Lines(2160).ShouldHaveSingleItem().ShouldContain("NOT PROTECTED");
        gateway.Log.Lines(2010).ShouldBeEmpty();
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => Admitted(gateway) == 1, "The first one would be admitted.");
        Task<HttpResponseMessage>[] others = [gateway.GetAsync(), gateway.GetAsync()];
        await Until.TrueAsync(() => server.Inside == 3, "All three are let in.");
        await Until.TrueAsync(() => TotalsOf(gateway) is { AllRefused: 2 }, "The others would be refused.");

        using var malformed = new HttpRequestMessage(HttpMethod.Get, "/");
        malformed.Headers.Add("X-Request-Deadline", "soon");
        var understood = gateway.Http.SendAsync(malformed);
        await Until.TrueAsync(() => server.Inside == 4, "It is let in although it is not understood.");
        go.Release(4);
        foreach (var response in await Task.WhenAll([first, .. others, understood]))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.Contains("X-Admission-Reason").ShouldBeFalse();
        }

        await Until.TrueAsync(async () => (await ShadowAsync(gateway)).GetProperty("cluster") is { ValueKind: JsonValueKind.Object } all && all.GetProperty("requests").GetInt64() == 4, "The ledger does not hear of it.");
        var backend = await ReadAsync(gateway);
        backend.GetProperty("status").GetString().ShouldBe("not-protected");
        backend.GetProperty("limit").ValueKind.ShouldBe(JsonValueKind.Null);
        var shadow = backend.GetProperty("shadow");
        shadow.GetProperty("limit").GetInt32().ShouldBe(1);
        foreach (var counts in new[] { shadow.GetProperty("cluster"), shadow.GetProperty("here") })
        {
            counts.GetProperty("gateways").GetInt32().ShouldBe(1);
            (counts.GetProperty("admittedAtOnce").GetInt64() + counts.GetProperty("waited").GetProperty("count").GetInt64()).ShouldBe(1);
            counts.GetProperty("refused").GetInt64().ShouldBe(2);
            counts.GetProperty("refusedBy").GetProperty("at-capacity").GetInt64().ShouldBe(2);
            counts.GetProperty("malformed").GetInt64().ShouldBe(1);
        }

        await Until.TrueAsync(async () => (await ShadowAsync(gateway)).GetProperty("inUse").GetInt32() == 0, "The permit in shadow does not come back.");
    }

    [Fact]
    public async Task Beside_a_proposed_policy_the_active_one_is_enforced_exactly()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2", ["Proposed:Limit"] = "1", ["Proposed:Overflow"] = "Wait" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1 && Admitted(gateway) == 1, "The first one is admitted by both.");
        var second = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 2 && TotalsOf(gateway) is { Waiting: 1 }, "The second one would wait.");
        using var third = await gateway.GetAsync();
        third.Headers.GetValues("X-Admission-Reason").ShouldBe(["at-capacity"]);
        server.Greatest.ShouldBe(2);
        var backend = await ReadAsync(gateway);
        backend.GetProperty("limit").GetInt32().ShouldBe(2);
        backend.GetProperty("inUse").GetInt32().ShouldBe(2);
        await Until.TrueAsync(async () => (await ShadowAsync(gateway)).GetProperty("queued").GetInt32() == 2, "Two would wait.");
        go.Release(2);
        (await Task.WhenAll(first, second)).ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
        await Until.TrueAsync(() => Admitted(gateway) == 3, "They get their turn in shadow.");
        await gateway.PermitsComeBackAsync(2);
    }

    [Fact]
    public async Task A_shadow_ledger_that_is_silent_delays_and_refuses_nobody()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Shadow"] = "true", ["Overflow"] = "Wait", ["Queue:MaxWait"] = "200ms" }, cutOff: true);
        using var ready = await gateway.GetAsync("/health/ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 5; i++)
        {
            using var response = await gateway.GetAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await Until.TrueAsync(() => TotalsOf(gateway) is { Requests: 5, Waiting: 0 }, "They wait for ever.");
        (TotalsOf(gateway)!.AtOnce, TotalsOf(gateway)!.Waited).ShouldBe((0L, 0L));
        TotalsOf(gateway)!.Unknown.ShouldBeGreaterThan(0);
        (await ShadowAsync(gateway)).GetProperty("status").GetString().ShouldBe("unreachable");
    }

    [Fact]
    public async Task Switched_to_shadow_a_policy_lets_pass_who_waits_for_it_and_switched_back_it_is_enforced()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("served"));
        await using var gateway = await TestGateway.StartAsync(server, Policy(isShadow: false));
        var waiting = gateway.GetAsync();
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend) is { Waiting: 1 }, "It does not wait.");
        gateway.Change(TestGateway.Settings([server], Policy(isShadow: true)));
        using var passed = await waiting;
        (await passed.Content.ReadAsStringAsync()).ShouldBe("served");
        using var other = await gateway.GetAsync();
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Until.TrueAsync(() => TotalsOf(gateway) is { Requests: > 0 }, "Nothing is counted.");

        gateway.Change(TestGateway.Settings([server], new() { ["Limit"] = "0" }));
        await Until.TrueAsync(
            async () =>
            {
                using var response = await gateway.GetAsync();
                return response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.GetValues("X-Admission-Reason").Single() == "at-capacity";
            },
            "It is not enforced again.");
        gateway.Backends.All.Single().Shadow.ShouldBeNull();
        (await ReadAsync(gateway)).GetProperty("shadow").ValueKind.ShouldBe(JsonValueKind.Null);

        static Dictionary<string, string?> Policy(bool isShadow) => new() { ["Limit"] = "0", ["Overflow"] = "Wait", ["Queue:Patience"] = "Off", ["Shadow"] = isShadow ? "true" : "false" };
    }

    private static ShadowTotals? TotalsOf(TestGateway gateway) => gateway.Backends.All.Single().Shadow?.Totals;

    // At once, but for a ledger that takes its time to begin on a busy machine.
    private static long Admitted(TestGateway gateway) => TotalsOf(gateway) is { } totals ? totals.AtOnce + totals.Waited : 0;

    private static async Task<JsonElement> ShadowAsync(TestGateway gateway) => (await ReadAsync(gateway)).GetProperty("shadow");

    private static async Task<JsonElement> ReadAsync(TestGateway gateway)
    {
        using var document = JsonDocument.Parse(await gateway.Http.GetStringAsync("/admission/v1/backends/model"));
        return document.RootElement.Clone();
    }
}
