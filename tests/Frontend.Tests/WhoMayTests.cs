using System.Net;
using System.Text;
using System.Text.Json;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Tests.Support;
using Admission.Security;
using Admission.Security.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Admission.Frontend.Tests;

/// <summary>Keys in a gateway: what they open, and what becomes of them and of the jobs of their tenants.</summary>
public sealed class WhoMayTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 5).Select(_ => ApiKey.Create())];

    private static string Ann => Keys[0];

    private static string Vera => Keys[1];

    private static string AcmeOne => Keys[2];

    private static string AcmeTwo => Keys[3];

    private static string Other => Keys[4];

    [Fact]
    public async Task Every_address_of_the_gateway_s_own_says_whom_it_is_for()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        string[] forWhoeverHasTheId = ["GET /admission/v1/jobs/{id}", "GET /admission/v1/jobs/{id}/result", "DELETE /admission/v1/jobs/{id}"];
        var found = 0;
        foreach (var endpoint in gateway.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/admission", StringComparison.Ordinal)))
        {
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"])
            {
                var address = $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}";
                var isForHolders = address.Contains("/leases", StringComparison.Ordinal) && address != "GET /admission/v1/backends/{id}/leases";
                var expected = isForHolders ? AccessRole.Holder : address.EndsWith("/ready", StringComparison.Ordinal) ? AccessRole.Client : forWhoeverHasTheId.Contains(address, StringComparer.Ordinal) ? AccessRole.None : method is "GET" or "*" ? AccessRole.Viewer : AccessRole.Operator;
                endpoint.Metadata.GetMetadata<AccessMetadata>().ShouldNotBeNull(address).Role.ShouldBe(expected, address);
                found++;
            }
        }

        found.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task Nothing_under_the_gateway_s_own_path_goes_to_a_backend()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartAsync(server, new() { ["Limit"] = "3" });
        foreach (var address in new[] { "GET /admission/logo.png", "POST /admission/v2/backends", "PUT /admission/login", "HEAD /admission/orleans", "DELETE /admission", "GET /ADMISSION/x", "GET /%61dmission/x", "PUT /admission/v1/backends" })
        {
            var (method, path) = (address.Split(' ')[0], address.Split(' ')[1]);
            using var answer = await SendAsync(gateway, method, path, Ann);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, address);
            answer.Headers.GetValues("X-Admission-Reason").ShouldBe(["unknown-address"], address);
            (await SendAsync(gateway, method, path, null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, address);
        }

        server.Seen.ShouldBe(0);
        (await SendAsync(gateway, "GET", "/admissions", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task The_audit_trail_has_the_name_of_the_key()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartAsync(server, new() { ["Limit"] = "3" });
        const string Path = "/admission/v1/backends/model/pause";
        (await SendAsync(gateway, "POST", Path, null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SendAsync(gateway, "POST", Path, Vera)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(gateway, "POST", Path, Ann)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var audit = await ReadAsync(await SendAsync(gateway, "GET", "/admission/v1/audit", Vera));
        audit.GetProperty("entries")[0].GetProperty("by").GetString().ShouldBe("ann");
    }

    [Fact]
    public async Task A_job_is_for_its_tenant_s_callers_and_for_operators_and_the_key_is_neither_stored_nor_passed_on()
    {
        var seen = new List<string>();
        await using var server = await TestServer.StartAsync(context =>
        {
            lock (seen)
            {
                seen.AddRange(context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            }

            return context.Response.WriteAsync("done");
        });
        await using var gateway = await StartAsync(server, new()
        {
            ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms", ["Classify:Tenant"] = "Claim:tenant",
        });
        var outcome = await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest());
        outcome.IsAdmitted.ShouldBeTrue();
        using var accepted = await SendAsync(gateway, "POST", "/rows", AcmeOne);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = accepted.Headers.Location!.OriginalString;

        foreach (var stranger in new[] { null, Other, Vera })
        {
            (await SendAsync(gateway, "GET", job, stranger)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await SendAsync(gateway, "GET", job + "/result", stranger)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await SendAsync(gateway, "DELETE", job, stranger)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await SendAsync(gateway, "GET", job, stranger, ("Accept", "text/event-stream"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        foreach (var owner in new[] { AcmeOne, AcmeTwo, Ann })
        {
            (await ReadAsync(await SendAsync(gateway, "GET", job, owner))).GetProperty("tenant").GetString().ShouldBe("acme");
        }

        outcome.Permit.Dispose();
        using var result = await SendAsync(gateway, "GET", job + "/result", AcmeTwo, ("Prefer", "wait=20"));
        (await result.Content.ReadAsStringAsync()).ShouldBe("done");
        string.Join('\n', seen).ShouldNotContain(AcmeOne);
        seen.ShouldContain(line => line.StartsWith("Idempotency-Key: ", StringComparison.Ordinal));

        (await SendAsync(gateway, "GET", "/admission/v1/jobs", AcmeOne)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(gateway, "GET", "/admission/v1/jobs", Vera)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(gateway, "POST", job + "/retry", Vera)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(gateway, "POST", job + "/retry", Ann)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_viewer_gets_no_id_that_opens_a_job_and_the_log_says_who_cancels()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms" });
        using var permit = (await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest())).Permit;
        using var accepted = await SendAsync(gateway, "POST", "/rows", null);
        var job = accepted.Headers.Location!.OriginalString;
        var id = job[^32..];

        using var list = await SendAsync(gateway, "GET", "/admission/v1/jobs", Vera);
        var text = await list.Content.ReadAsStringAsync();
        text.ShouldNotContain(id);
        using var document = JsonDocument.Parse(text);
        var told = document.RootElement.GetProperty("jobs").EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString()!;
        told.ShouldBe(id[..8] + "...");
        (await SendAsync(gateway, "DELETE", $"/admission/v1/jobs/{told}", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var whole = await SendAsync(gateway, "GET", "/admission/v1/jobs", Ann);
        (await whole.Content.ReadAsStringAsync()).ShouldContain(id);

        (await SendAsync(gateway, "DELETE", job, Ann)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        gateway.Log.Lines(2221).ShouldHaveSingleItem().ShouldStartWith($"The job {id} of the backend 'model' was cancelled over HTTP by 'ann'.");
    }

    [Fact]
    public async Task No_key_and_no_session_is_stored_with_a_job()
    {
        var seen = "";
        await using var server = await TestServer.StartAsync(context =>
        {
            seen = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(server, new() { ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms" });
        var outcome = await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest());
        using var accepted = await SendAsync(
            gateway, "POST", "/rows", Ann, ("X-Api-Key", "theirs"), ("X-Api-Key", Vera), ("Cookie", "a=1; admission-session=secret; admission-sessionC1=secret; admission-form=secret; b=2"));
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        outcome.Permit.Dispose();
        using var result = await SendAsync(gateway, "GET", accepted.Headers.Location!.OriginalString + "/result", null, ("Prefer", "wait=20"));
        result.StatusCode.ShouldBe(HttpStatusCode.OK);
        seen.ShouldNotContain(Ann);
        seen.ShouldNotContain(Vera);
        seen.ShouldNotContain("secret");
        seen.ShouldContain("Cookie: a=1; b=2");
    }

    [Fact]
    public async Task One_tenant_s_idempotency_key_is_its_own_and_a_wrong_key_is_not_taken_for_nobody()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await StartAsync(server, new()
        {
            ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms", ["Classify:Tenant"] = "Claim:tenant",
        });
        using var permit = (await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest())).Permit;
        var jobs = new List<string>();
        foreach (var key in new[] { AcmeOne, AcmeOne, AcmeTwo, Other })
        {
            using var accepted = await SendAsync(gateway, "POST", "/rows", key, ("Idempotency-Key", "7"));
            accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            jobs.Add(accepted.Headers.Location!.OriginalString);
        }

        jobs[1].ShouldBe(jobs[0]);
        jobs.Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
        (await SendAsync(gateway, "POST", "/rows", ApiKey.Create())).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_gateway_s_own_process_asks_for_keys_and_takes_new_ones_while_it_runs()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("served"));
        await using var host = new RunningHost(File(server, "viewer", Vera, mostFailures: 5));
        await host.StartAsync();
        (await StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(Vera)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(Ann)).ShouldBe(HttpStatusCode.Unauthorized);
        (await host.Http.GetStringAsync("/anything")).ShouldBe("served");
        for (var i = 0; i < 6; i++)
        {
            // Nobody looks at them on the way to a backend whose route reads no claim, so they do not count either.
            using var foreign = new HttpRequestMessage(HttpMethod.Get, "/anything");
            foreign.Headers.Add("X-Api-Key", ApiKey.Create());
            using var served = await host.Http.SendAsync(foreign);
            served.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await StatusAsync(Vera)).ShouldBe(HttpStatusCode.OK);
        (await host.Http.GetStringAsync("/admission/login")).ShouldContain("name=\"key\"");
        host.Write(File(server, "operator", Ann, mostFailures: 10_000));
        await Until.TrueAsync(async () => await StatusAsync(Ann) == HttpStatusCode.OK, "The new key does not count.");

        // Either way it is none any more: Ann's may have been tried too often before it was one.
        (await StatusAsync(Vera)).ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests);

        async Task<HttpStatusCode> StatusAsync(string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/admission/v1/backends");
            if (key is not null)
            {
                request.Headers.Add("X-Api-Key", key);
            }

            using var response = await host.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_route_to_a_backend_can_ask_for_a_role_and_the_backend_does_not_see_the_key()
    {
        var seen = "";
        await using var server = await TestServer.StartAsync(context =>
        {
            seen = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            return Task.CompletedTask;
        });
        await using var host = new RunningHost(File(server, "viewer", Vera, mostFailures: 100, policy: "viewer", (Other, "client")));
        await host.StartAsync();
        (await StatusAsync()).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(("X-Api-Key", Ann))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(("X-Api-Key", Other))).ShouldBe(HttpStatusCode.Forbidden);
        server.Seen.ShouldBe(0);
        (await StatusAsync(("X-Api-Key", Vera), ("X-Mine", "yes"))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(("Authorization", $"Bearer {Vera}"))).ShouldBe(HttpStatusCode.OK);
        seen.ShouldNotContain(Vera);

        async Task<HttpStatusCode> StatusAsync(params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/anything");
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await host.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    private static object File(TestServer server, string role, string key, int mostFailures, string? policy = null, params (string Key, string Role)[] more) => new
    {
        ReverseProxy = new
        {
            Routes = new { all = new { ClusterId = "model", AuthorizationPolicy = policy, Match = new { Path = "{**any}" } } },
            Clusters = new { model = new { Destinations = new { a = new { server.Address } } } },
        },
        Admission = new
        {
            Backends = new { model = new { Limit = 2 } },
            Security = new
            {
                Keys = more.Prepend((key, role)).Select((each, at) => new { Name = $"somebody {at}", Role = each.Item2, Hash = ApiKey.HashText(each.Item1), Tenant = "some" }),
                Failures = new { Most = mostFailures, Window = "1s" },
            },
        },
    };

    private static Task<TestGateway> StartAsync(TestServer server, Dictionary<string, string?> policy)
    {
        var settings = TestGateway.Settings([server], policy);
        (string Name, string Role, string? Tenant)[] all = [("ann", "operator", null), ("vera", "viewer", null), ("one", "client", "acme"), ("two", "client", "acme"), ("other", "client", "other")];
        for (var i = 0; i < all.Length; i++)
        {
            var path = $"Admission:Security:Keys:{i}:";
            (settings[path + "Name"], settings[path + "Role"], settings[path + "Hash"]) = (all[i].Name, all[i].Role, ApiKey.HashText(Keys[i]));
            if (all[i].Tenant is { } tenant)
            {
                settings[path + "Tenant"] = tenant;
            }
        }

        return TestGateway.StartAsync(settings);
    }

    private static Task<HttpResponseMessage> SendAsync(TestGateway gateway, string method, string path, string? key, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "POST" && path == "/rows" ? new StringContent("a row", Encoding.UTF8, "text/plain") : null;
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        return gateway.Http.SendAsync(request);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
