using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Admission.Frontend.Tests.Support;
using Admission.Security.Keys;

namespace Admission.Frontend.Tests;

/// <summary>Leases, as a program sees them that knows nothing but HTTP.</summary>
public sealed class LeasesApiTests
{
    private const string Leases = "/admission/v1/backends/model/leases";

    [Fact]
    public async Task A_lease_is_taken_renewed_and_given_back()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["DestinationLimit"] = "3" });
        var (taken, lease) = await AskAsync(gateway, HttpMethod.Post, Leases, """{"weight":2,"priority":"background","tenant":"t","ttl":20}""");
        using (taken)
        {
            taken.StatusCode.ShouldBe(HttpStatusCode.Created);
            taken.Headers.Location!.ToString().ShouldBe($"{Leases}/{lease.GetProperty("id").GetString()}");
            lease.GetProperty("ttl").GetDouble().ShouldBe(20);
            lease.GetProperty("expiresIn").GetDouble().ShouldBeInRange(10, 18);
            lease.GetProperty("weight").GetInt32().ShouldBe(2);
            lease.GetProperty("destination").GetString().ShouldBe("a");
            lease.GetProperty("priority").GetInt32().ShouldBe(20);
            lease.GetProperty("tenant").GetString().ShouldBe("t");
            lease.GetProperty("fencing").GetProperty("number").GetInt64().ShouldBe(1);
        }

        var address = $"{Leases}/{lease.GetProperty("id").GetString()}";
        (await StatusAsync(gateway, HttpMethod.Get, address)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(gateway, HttpMethod.Put, address)).ShouldBe(HttpStatusCode.OK);
        var (_, backend) = await AskAsync(gateway, HttpMethod.Get, "/admission/v1/backends/model");
        backend.GetProperty("leases").GetInt32().ShouldBe(1);
        backend.GetProperty("leased").GetInt32().ShouldBe(2);
        backend.GetProperty("inUse").GetInt32().ShouldBe(2);
        var (_, list) = await AskAsync(gateway, HttpMethod.Get, Leases);
        list.GetProperty("total").GetInt32().ShouldBe(1);
        list.ToString().ShouldNotContain(lease.GetProperty("id").GetString()![2..], customMessage: "who only looks cannot use it");

        (await StatusAsync(gateway, HttpMethod.Delete, address)).ShouldBe(HttpStatusCode.NoContent);
        (await StatusAsync(gateway, HttpMethod.Delete, address)).ShouldBe(HttpStatusCode.NoContent);
        (await StatusAsync(gateway, HttpMethod.Put, address)).ShouldBe(HttpStatusCode.Gone);
        (await StatusAsync(gateway, HttpMethod.Get, address)).ShouldBe(HttpStatusCode.Gone);
        await gateway.PermitsComeBackAsync(3);
    }

    [Fact]
    public async Task One_that_is_not_renewed_is_reclaimed_and_who_comes_late_hears_so()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["RunTimeout"] = "20s" });
        var (_, lease) = await AskAsync(gateway, HttpMethod.Post, Leases, """{"ttl":1}""");
        var address = $"{Leases}/{lease.GetProperty("id").GetString()}";
        await gateway.PermitsComeBackAsync();
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete, HttpMethod.Get })
        {
            var (late, problem) = await AskAsync(gateway, method, address);
            using (late)
            {
                late.StatusCode.ShouldBe(HttpStatusCode.Gone);
                problem.GetProperty("reason").GetString().ShouldBe("lease-reclaimed");
            }
        }

        await gateway.PermitsComeBackAsync();
        (await StatusAsync(gateway, HttpMethod.Delete, $"{Leases}/1-AAAAAAAAAAAAAAAAAAAAAA")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(gateway, HttpMethod.Put, $"{Leases}/nonsense")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task It_is_refused_as_any_request_and_holds_requests_off()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2", ["Tenants:Cap"] = "1" });
        (await StatusAsync(gateway, HttpMethod.Post, Leases, """{"tenant":"t"}""")).ShouldBe(HttpStatusCode.Created);
        (await StatusAsync(gateway, HttpMethod.Post, Leases, """{"tenant":"t"}""")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await StatusAsync(gateway, HttpMethod.Post, Leases)).ShouldBe(HttpStatusCode.Created);
        var (full, problem) = await AskAsync(gateway, HttpMethod.Post, Leases);
        using (full)
        {
            full.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            full.Headers.RetryAfter.ShouldNotBeNull();
            full.Headers.GetValues("X-Admission-Reason").ShouldBe(["at-capacity"]);
            var ticket = problem.GetProperty("ticket").GetString();
            (await StatusAsync(gateway, HttpMethod.Get, $"/admission/v1/backends/model/explain?ticket={ticket}")).ShouldBe(HttpStatusCode.OK);
        }

        using var request = await gateway.GetAsync();
        request.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        server.Seen.ShouldBe(0);
    }

    [Fact]
    public async Task Several_are_taken_renewed_and_given_back_at_once()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        var (_, taken) = await AskAsync(gateway, HttpMethod.Post, $"{Leases}/batch", """{"leases":[{},{"weight":2},{"ttl":60}]}""");
        var results = taken.GetProperty("results").EnumerateArray().ToList();
        var permits = results.Where(each => each.GetProperty("status").GetInt32() == 201).Sum(each => each.GetProperty("lease").GetProperty("weight").GetInt32());
        permits.ShouldBeInRange(2, 3);
        results.Single(each => each.GetProperty("status").GetInt32() == 503).GetProperty("problem").GetProperty("ticket").GetString().ShouldNotBeNullOrEmpty();

        var ids = results.Select(each => each.GetProperty("id").GetString()).Where(id => id is not null).ToArray();
        var (_, renewed) = await AskAsync(gateway, HttpMethod.Post, $"{Leases}/renew", JsonSerializer.Serialize(new { ids }));
        renewed.GetProperty("results").EnumerateArray().Select(each => each.GetProperty("status").GetInt32()).ShouldBe([200, 200]);
        var (_, released) = await AskAsync(gateway, HttpMethod.Post, $"{Leases}/release", JsonSerializer.Serialize(new { ids }));
        released.GetProperty("results").EnumerateArray().Select(each => each.GetProperty("status").GetInt32()).ShouldBe([204, 204]);
        (_, renewed) = await AskAsync(gateway, HttpMethod.Post, $"{Leases}/renew", JsonSerializer.Serialize(new { ids }));
        renewed.GetProperty("results").EnumerateArray().Select(each => each.GetProperty("status").GetInt32()).ShouldBe([410, 410]);
        await gateway.PermitsComeBackAsync(3);
    }

    [Fact]
    public async Task What_is_not_understood_is_told_with_what_would_be()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        var (wrong, problem) = await AskAsync(gateway, HttpMethod.Post, Leases, """{"tll":5,"ttl":0.5,"weight":0,"priority":"first","tenant":"","wait":-1}""");
        using (wrong)
        {
            wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            problem.GetProperty("errors").EnumerateArray().Select(error => error.GetString()!.Split(':')[0]).ShouldBe(["tll", "ttl", "weight", "priority", "tenant", "wait"]);
            problem.GetProperty("errors")[0].GetString()!.ShouldContain("Did you mean 'ttl'?");
            problem.GetProperty("errors")[1].GetString()!.ShouldContain("a number from 1 to 3600");
        }

        // Half of a pair of surrogates, as a member's name or its value: JSON as far as its grammar goes.
        foreach (var body in new[] { """{"tenant":"\ud800"}""", """{"\udc00":1}""", """{"priority":"\ud800"}""" })
        {
            var (half, noText) = await AskAsync(gateway, HttpMethod.Post, Leases, body);
            using (half)
            {
                half.StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
                noText.GetProperty("reason").GetString().ShouldBe("invalid-json");
            }
        }

        (await StatusAsync(gateway, HttpMethod.Post, $"{Leases}/renew", """{"ids":["\ud800"]}""")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Post, Leases, "ttl=5")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Post, Leases, "[]")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Post, Leases, $$"""{"tenant":"{{new string('t', 70_000)}}"}""")).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await StatusAsync(gateway, HttpMethod.Post, $"{Leases}/batch", $$"""{"leases":[{{string.Join(',', Enumerable.Repeat("{}", 101))}}]}""")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Post, $"{Leases}/renew", """{"ids":["nonsense"]}""")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Post, $"{Leases}/renew", """{"ids":[]}""")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Get, $"{Leases}?limit=5000")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Post, "/admission/v1/backends/nobody/leases")).ShouldBe(HttpStatusCode.NotFound);
        gateway.Http.DefaultRequestHeaders.Add("X-Test-Remote", "192.0.2.7");
        (await StatusAsync(gateway, HttpMethod.Post, Leases)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Whether_there_is_room_is_answered_without_a_message_to_the_ledger()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["LeaseTtl"] = "30s" });
        const string Ready = "/admission/v1/backends/model/ready";
        (await StatusAsync(gateway, HttpMethod.Get, Ready)).ShouldBe(HttpStatusCode.OK);
        var (_, lease) = await AskAsync(gateway, HttpMethod.Post, Leases, """{"ttl":60}""");
        (await StatusAsync(gateway, HttpMethod.Post, Leases)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        // Cut off, nobody but the gateway itself can answer.
        gateway.IsCutOff = true;
        var began = gateway.Client.StateOf(TestGateway.Backend)!.Value.Exchanges;
        var (full, problem) = await AskAsync(gateway, HttpMethod.Get, Ready);
        using (full)
        {
            full.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            full.Headers.RetryAfter.ShouldNotBeNull();
            problem.GetProperty("ready").GetBoolean().ShouldBeFalse();
            problem.GetProperty("reason").GetString().ShouldBe("at-capacity");
            problem.GetProperty("room").GetInt32().ShouldBe(0);
        }

        for (var i = 0; i < 20; i++)
        {
            await StatusAsync(gateway, HttpMethod.Get, Ready);
        }

        (gateway.Client.StateOf(TestGateway.Backend)!.Value.Exchanges - began).ShouldBeLessThan(20, "asking asks nobody; a heartbeat may come between");
        gateway.IsCutOff = false;
        (await StatusAsync(gateway, HttpMethod.Delete, $"{Leases}/{lease.GetProperty("id").GetString()}")).ShouldBe(HttpStatusCode.NoContent);
        await gateway.PermitsComeBackAsync();
        (await StatusAsync(gateway, HttpMethod.Get, Ready)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_program_that_leaves_while_it_waits_leaves_nothing_behind()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:MaxWait"] = "20s" });
        var (_, lease) = await AskAsync(gateway, HttpMethod.Post, Leases);
        using var leaves = new CancellationTokenSource();
        var waiting = gateway.Http.PostAsync(new Uri(Leases, UriKind.Relative), null, leaves.Token);
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)?.Waiting == 1, "It does not wait.");
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)?.Waiting == 0, "It waits on.");
        (await StatusAsync(gateway, HttpMethod.Delete, $"{Leases}/{lease.GetProperty("id").GetString()}")).ShouldBe(HttpStatusCode.NoContent);
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task The_answer_to_a_batch_does_not_tell_of_leases_that_have_ended_meanwhile()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:MaxWait"] = "20s" });

        // The permit of the first is the second's, once it was not renewed.
        var (_, taken) = await AskAsync(gateway, HttpMethod.Post, $"{Leases}/batch", """{"leases":[{"ttl":1},{"ttl":60,"wait":15}]}""");

        var results = taken.GetProperty("results").EnumerateArray().ToList();
        results.Select(each => each.GetProperty("status").GetInt32()).ShouldBe([410, 201]);
        results[0].GetProperty("problem").GetProperty("reason").GetString().ShouldBe("lease-reclaimed");
        results[1].GetProperty("lease").GetProperty("expiresIn").GetDouble().ShouldBeInRange(45, 54);
        results[1].GetProperty("lease").GetProperty("waited").GetDouble().ShouldBeGreaterThan(0.5);
        (await StatusAsync(gateway, HttpMethod.Delete, $"{Leases}/{results[1].GetProperty("id").GetString()}")).ShouldBe(HttpStatusCode.NoContent);
        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task A_program_that_leaves_while_some_of_a_batch_wait_leaves_the_others_not_behind()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:MaxWait"] = "20s" });
        using var leaves = new CancellationTokenSource();
        using var body = new StringContent("""{"leases":[{"ttl":600},{"ttl":600}]}""");
        var waiting = gateway.Http.PostAsync(new Uri($"{Leases}/batch", UriKind.Relative), body, leaves.Token);
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)?.Waiting == 1, "It does not wait.");
        await Until.TrueAsync(async () => (await AskAsync(gateway, HttpMethod.Get, Leases)).Body.GetProperty("total").GetInt32() == 1, "There is no lease.");

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);

        await gateway.PermitsComeBackAsync();
    }

    [Fact]
    public async Task A_lease_that_the_ledger_cannot_confirm_is_none_and_its_permits_come_back()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartCutOffAsync(server);
        var (none, problem) = await AskAsync(gateway, HttpMethod.Post, Leases, """{"ttl":1}""");
        using (none)
        {
            // A permit was there, so it is not that the ledger could not be asked for one.
            none.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            none.Headers.RetryAfter.ShouldNotBeNull();
            problem.GetProperty("reason").GetString().ShouldBe("lease-unconfirmed");
        }

        gateway.IsCutOff = false;
        await gateway.PermitsComeBackAsync(2);
        (await AskAsync(gateway, HttpMethod.Get, Leases)).Body.GetProperty("total").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task A_lease_whose_record_took_most_of_its_time_is_renewed_before_it_is_told()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartCutOffAsync(server);
        var asked = AskAsync(gateway, HttpMethod.Post, Leases, """{"ttl":4}""");
        await Task.Delay(TimeSpan.FromSeconds(2.2));
        gateway.IsCutOff = false;
        var (told, lease) = await asked;
        using (told)
        {
            told.StatusCode.ShouldBe(HttpStatusCode.Created);
            lease.GetProperty("waited").GetDouble().ShouldBeGreaterThan(2);
            lease.GetProperty("expiresIn").GetDouble().ShouldBeInRange(2, 3.6);
        }

        (await StatusAsync(gateway, HttpMethod.Delete, $"{Leases}/{lease.GetProperty("id").GetString()}")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task They_are_for_holders_and_operators_and_of_their_keys_tenant()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var settings = TestGateway.Settings([server], new() { ["Limit"] = "3" });
        string[] roles = ["operator", "viewer", "metrics", "holder"];
        var keys = roles.Select(_ => ApiKey.Create()).ToArray();
        for (var i = 0; i < keys.Length; i++)
        {
            var path = $"Admission:Security:Keys:{i}:";
            (settings[path + "Name"], settings[path + "Role"], settings[path + "Hash"]) = (roles[i], roles[i], ApiKey.HashText(keys[i]));
        }

        settings["Admission:Security:Keys:3:Tenant"] = "acme";
        await using var gateway = await TestGateway.StartAsync(settings);
        (await StatusAsync(gateway, HttpMethod.Post, Leases)).ShouldBe(HttpStatusCode.Unauthorized);
        HttpStatusCode[] expected = [HttpStatusCode.Created, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Created];
        for (var i = 0; i < keys.Length; i++)
        {
            gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", keys[i]);
            (await StatusAsync(gateway, HttpMethod.Post, Leases)).ShouldBe(expected[i], roles[i]);
        }

        var (_, lease) = await AskAsync(gateway, HttpMethod.Post, Leases, """{"tenant":"acme"}""");
        lease.GetProperty("tenant").GetString().ShouldBe("acme");
        (await StatusAsync(gateway, HttpMethod.Post, Leases, """{"tenant":"other"}""")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(gateway, HttpMethod.Get, "/admission/v1/backends/model/ready")).ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(gateway, HttpMethod.Get, Leases)).ShouldBe(HttpStatusCode.Forbidden);
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", keys[1]);
        (await StatusAsync(gateway, HttpMethod.Get, Leases)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(gateway, HttpMethod.Put, $"{Leases}/{lease.GetProperty("id").GetString()}")).ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>A gateway that has an idle permit of two, and does not reach the ledger.</summary>
    private static async Task<TestGateway> StartCutOffAsync(TestServer server)
    {
        var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2", ["LeaseTtl"] = "30s" });
        using (var first = await gateway.GetAsync())
        {
            first.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend) is { Held: > 0, InUse: 0 }, "No permit lies idle here.");
        gateway.IsCutOff = true;
        return gateway;
    }

    private static async Task<HttpStatusCode> StatusAsync(TestGateway gateway, HttpMethod method, string address, string? body = null)
    {
        var (response, _) = await AskAsync(gateway, method, address, body);
        using (response)
        {
            return response.StatusCode;
        }
    }

    private static async Task<(HttpResponseMessage Response, JsonElement Body)> AskAsync(TestGateway gateway, HttpMethod method, string address, string? body = null)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : new StringContent(body) };
        var response = await gateway.Http.SendAsync(request);
        return (response, response.Content.Headers.ContentLength == 0 || response.StatusCode == HttpStatusCode.NoContent ? default : await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
