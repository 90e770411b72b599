using System.Net;
using System.Text.Json;
using Admission.Capacity;
using Admission.Frontend.Api;
using Admission.Frontend.Problems;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests;

/// <summary>Why requests were refused or waited, as operators ask for it.</summary>
public sealed class ExplainApiTests
{
    private const string Decisions = "/admission/v1/backends/model/decisions";

    [Fact]
    public async Task Explains_a_refusal_by_the_ticket_in_its_answer()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["ExplainWaitsOver"] = "20s" }, route: new() { ["Admission.Tenant"] = "acme" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");

        // As long as the ledger's notice holds, the gateway refuses by itself; then the ledger is asked, which writes its decisions down.
        HttpResponseMessage? asked = null;
        JsonElement explained = default;
        await Until.TrueAsync(
            async () =>
            {
                asked?.Dispose();
                asked = await gateway.GetAsync();
                explained = await ReadAsync(gateway, Explain(TicketOf(asked)!));
                return explained.GetProperty("decision").GetProperty("decidedBy").GetString() == "ledger";
            },
            "The ledger decides nothing.");
        using var refused = asked!;
        var ticket = TicketOf(refused)!;
        (await ProblemReader.ReadAsync(refused)).GetProperty("ticket").GetString().ShouldBe(ticket);

        explained.GetProperty("state").GetString().ShouldBe("refused");
        explained.GetProperty("reason").GetString().ShouldBe("at-capacity");
        explained.GetProperty("source").GetString().ShouldBe("record");
        explained.GetProperty("why").GetString()!.ShouldContain("1 of 1 permits were in use");
        var decision = explained.GetProperty("decision");
        decision.GetProperty("tenant").GetString().ShouldBe("acme");
        decision.GetProperty("before").GetProperty("limit").GetInt32().ShouldBe(1);

        // Those that the gateway refuses by itself have their own.
        using var again = await gateway.GetAsync();
        TicketOf(again).ShouldNotBe(ticket);
        (await ReadAsync(gateway, Explain(TicketOf(again)!))).GetProperty("reason").GetString().ShouldBe(ReasonOf(again));

        var page = await ReadAsync(gateway, Decisions + "?reason=at-capacity&tenant=acme&limit=10");
        page.GetProperty("decisions").EnumerateArray().Select(each => each.GetProperty("ticket").GetString()).ShouldContain(ticket);
        (await ReadAsync(gateway, Decisions + "?reason=queue-full")).GetProperty("decisions").GetArrayLength().ShouldBe(0);
        (await ReadAsync(gateway, Decisions + "?tenant=other")).GetProperty("decisions").GetArrayLength().ShouldBe(0);
        (await ReadAsync(gateway, Decisions + "?before=1")).GetProperty("decisions").GetArrayLength().ShouldBe(0);
        go.Release();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await first).Headers.Contains(Problem.TicketHeader).ShouldBeFalse("it did not wait");
    }

    [Fact]
    public async Task Explains_a_ticket_while_it_waits_and_its_long_wait_afterwards()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:Capacity"] = "10", ["ExplainWaitsOver"] = "0s" });
        var first = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "The first request does not arrive.");
        var second = gateway.GetAsync();
        await Until.TrueAsync(async () => (await ReadAsync(gateway, Decisions)).GetProperty("waiting").GetArrayLength() == 1, "The second one does not wait.");
        var ticket = (await ReadAsync(gateway, Decisions)).GetProperty("waiting")[0].GetString()!;

        var waits = await ReadAsync(gateway, Explain(ticket));
        waits.GetProperty("state").GetString().ShouldBe("waiting");
        waits.GetProperty("waiting").GetProperty("place").GetInt32().ShouldBe(1);
        waits.GetProperty("waiting").GetProperty("waitsFor").GetString().ShouldBe("permits");
        waits.GetProperty("why").GetString()!.ShouldContain("It is next");
        go.Release(2);
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        TicketOf(await second).ShouldBe(ticket);
        var waited = await ReadAsync(gateway, Explain(ticket));
        waited.GetProperty("state").GetString().ShouldBe("waited");
        waited.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
        waited.GetProperty("decision").GetProperty("waited").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Says_what_to_do_about_what_it_does_not_know_or_understand()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        var stranger = "AQIAAAAAAAFmOu0WDQHHwgAAAAAAAAAA";
        await ProblemIsAsync(gateway, Explain(stranger), HttpStatusCode.NotFound, "unknown-ticket", "it was refused with queue-full");
        await ProblemIsAsync(gateway, Explain("nonsense"), HttpStatusCode.BadRequest, "invalid-ticket", "The parameter ticket is 'nonsense'. Give the 32 characters");
        await ProblemIsAsync(gateway, "/admission/v1/backends/model/explain", HttpStatusCode.BadRequest, "invalid-ticket", "X-Admission-Ticket");
        await ProblemIsAsync(gateway, $"/admission/v1/backends/other/explain?ticket={stranger}", HttpStatusCode.NotFound, "unknown-backend", "'other'");
        await ProblemIsAsync(gateway, "/admission/v1/backends/other/decisions", HttpStatusCode.NotFound, "unknown-backend", "'other'");
        await ProblemIsAsync(gateway, Decisions + "?limit=0", HttpStatusCode.BadRequest, "invalid-query", "from 1 to 512");
        await ProblemIsAsync(gateway, Decisions + "?before=x", HttpStatusCode.BadRequest, "invalid-query", "the number of a decision");
        await ProblemIsAsync(gateway, Decisions + "?reason=bad", HttpStatusCode.BadRequest, "invalid-query", "at-capacity, queue-full, wait-expired");
        await ProblemIsAsync(gateway, Decisions + "?outcome=bad", HttpStatusCode.BadRequest, "invalid-query", "refused, waited, displaced");
        gateway.IsCutOff = true;
        await ProblemIsAsync(gateway, Explain(stranger), HttpStatusCode.ServiceUnavailable, "ledger-unreachable", "The test has cut the network.");
        await ProblemIsAsync(gateway, Decisions, HttpStatusCode.ServiceUnavailable, "ledger-unreachable", "The test has cut the network.");
        gateway.Http.DefaultRequestHeaders.Add("X-Test-Remote", "192.0.2.7");
        await ProblemIsAsync(gateway, Explain(stranger), HttpStatusCode.Forbidden, "local-only", "loopback");
        await ProblemIsAsync(gateway, Decisions, HttpStatusCode.Forbidden, "local-only", "loopback");
    }

    [Fact]
    public async Task Explains_its_own_refusals_while_the_ledger_does_not_answer()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" }, route: new() { ["Admission.TrustHeaders"] = "true" });
        gateway.IsCutOff = true;
        using var heavy = new HttpRequestMessage(HttpMethod.Get, "/");
        heavy.Headers.Add("X-Admission-Weight", "2");
        using var refused = await gateway.Http.SendAsync(heavy);
        ReasonOf(refused).ShouldBe("weight-above-limit");
        var explained = await ReadAsync(gateway, Explain(TicketOf(refused)!));
        explained.GetProperty("reason").GetString().ShouldBe("weight-above-limit");
        explained.GetProperty("decision").GetProperty("decidedBy").GetString().ShouldBe("holder");
        explained.GetProperty("why").GetString()!.ShouldContain("It needs 2 permits at one destination, more than any has.");
    }

    [Fact]
    public void Has_a_sentence_for_every_reason_and_every_wait()
    {
        var grounds = new DecisionGrounds
        {
            Occupancy = new Occupancy(8, 8, 3, TimeSpan.FromSeconds(2.5)), AheadHigher = 1, AheadOwn = 2, SaturatedFor = TimeSpan.FromSeconds(4), Notice = 5, NoticeFor = TimeSpan.FromSeconds(3),
        };
        var record = new DecisionRecord { Ticket = "", Outcome = DecisionOutcome.Refused, Grounds = grounds, Weight = 1, ByHolder = true };
        foreach (var reason in Enum.GetValues<RefusalReason>().Where(reason => reason != RefusalReason.None))
        {
            var why = DecisionWords.Of(record with { Reason = reason });
            why.ShouldEndWith("by the ledger's notice 5, which had stood for 3 s.");
            why.ShouldContain("Then 1 of higher priorities and at most 2 of its own stood before it. No permit had been free for 4 s.");
            (why.StartsWith("Refused with", StringComparison.Ordinal) && reason != RefusalReason.UnknownBackend).ShouldBeFalse($"{reason} has words of its own");
        }

        foreach (var what in Enum.GetValues<WaitsFor>().Where(what => what != WaitsFor.None))
        {
            var waiting = new WaitingTicket { Ticket = "", Holder = "h", WaitsFor = what, Grounds = grounds, Weight = 1, Place = 4 };
            DecisionWords.Of(default, new TicketExplanation { Source = ExplanationSource.Waiting, Waiting = waiting }).ShouldContain("It is number 4 at most. Now 1 of higher");
        }
    }

    private static string Explain(string ticket) => $"/admission/v1/backends/model/explain?ticket={ticket}";

    private static string? TicketOf(HttpResponseMessage answer) => answer.Headers.TryGetValues(Problem.TicketHeader, out var values) ? values.Single() : null;

    private static string ReasonOf(HttpResponseMessage answer) => answer.Headers.GetValues(Problem.ReasonHeader).Single();

    private static async Task<JsonElement> ReadAsync(TestGateway gateway, string path)
    {
        using var document = JsonDocument.Parse(await gateway.Http.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    private static async Task ProblemIsAsync(TestGateway gateway, string path, HttpStatusCode status, string reason, string detail)
    {
        using var answer = await gateway.GetAsync(path);
        answer.StatusCode.ShouldBe(status, path);
        var problem = await ProblemReader.ReadAsync(answer);
        problem.GetProperty("reason").GetString().ShouldBe(reason);
        problem.GetProperty("detail").GetString()!.ShouldContain(detail);
    }
}
