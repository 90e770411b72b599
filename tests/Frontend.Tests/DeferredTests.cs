using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public class DeferredTests
{
    private static readonly Dictionary<string, string?> OneAtATime = new()
    {
        ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms", ["Jobs:FirstDelay"] = "20ms", ["Jobs:Attempts"] = "3",
    };

    [Fact]
    public async Task A_request_that_finds_no_place_is_stored_and_runs_later_as_it_was_sent()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var permit = await TakeAsync(gateway);

        using var request = new HttpRequestMessage(HttpMethod.Put, "/rows/7?a=b") { Content = new StringContent("the row", Encoding.UTF8, "text/plain") };
        request.Headers.Add("X-Mine", ["1", "2"]);
        var accepted = await gateway.Http.SendAsync(request);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        accepted.Headers.RetryAfter.ShouldNotBeNull();
        var job = accepted.Headers.Location!.OriginalString;
        job.ShouldMatch("^/admission/v1/jobs/[0-9a-f]{32}$");
        var early = await gateway.GetAsync(job + "/result");
        early.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        early.Headers.GetValues("X-Admission-Job-State").Single().ShouldBeOneOf("queued", "running");
        server.Seen.ShouldBe(0);

        permit.Dispose();
        var result = await ResultAsync(gateway, job);
        result.StatusCode.ShouldBe(HttpStatusCode.Created);
        result.Headers.GetValues("X-Own").ShouldBe(["yes"]);
        (await result.Content.ReadAsStringAsync()).ShouldBe($"PUT /rows/7?a=b the row 1, 2 text/plain; charset=utf-8 {job[^32..]}");
        (server.Seen, server.Greatest).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Without_Defer_only_those_are_stored_that_ask_for_it()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["Overflow"] = "Wait", ["Queue:MaxWait"] = "50ms", ["Jobs:Enabled"] = "true" });
        using var permit = await TakeAsync(gateway);

        (await gateway.GetAsync()).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var stored = await PreferAsync(gateway, "respond-async");
        (stored.StatusCode, stored.Headers.GetValues("Preference-Applied").Single()).ShouldBe((HttpStatusCode.Accepted, "respond-async"));
        var waited = await PreferAsync(gateway, "respond-async, wait=1");
        (waited.StatusCode, waited.Headers.GetValues("Preference-Applied").Single()).ShouldBe((HttpStatusCode.Accepted, "respond-async, wait=1"));
    }

    [Fact]
    public async Task With_Defer_a_wait_alone_is_said_to_be_applied()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        using var permit = await TakeAsync(gateway);
        var stored = await PreferAsync(gateway, "wait=0");
        (stored.StatusCode, stored.Headers.GetValues("Preference-Applied").Single()).ShouldBe((HttpStatusCode.Accepted, "wait=0"));
    }

    [Fact]
    public async Task A_request_that_finds_a_place_in_time_is_answered_at_once()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var permit = await TakeAsync(gateway);
        var waiting = PreferAsync(gateway, "respond-async, wait=20");
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)!.Value.Waiting == 1, "It does not wait.");
        permit.Dispose();
        (await waiting).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Live_requests_go_before_jobs_and_all_of_them_stay_within_the_limit()
    {
        var order = new List<string>();
        await using var server = await TestServer.StartAsync(async context =>
        {
            lock (order)
            {
                order.Add(context.Request.Path);
            }

            await Task.Delay(20);
        });
        await using var gateway = await TestGateway.StartAsync(server, new(OneAtATime) { ["Jobs:DeferAfter"] = "1m", ["Queue:MaxWait"] = "1m" });
        var permit = await TakeAsync(gateway);
        var jobs = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            jobs.Add((await PreferAsync(gateway, "respond-async", path: $"/job{i}")).Headers.Location!.OriginalString);
        }

        // Two of them wait for permits now.
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)!.Value.Waiting == 2, "The jobs do not wait.");
        var live = gateway.GetAsync("/live");
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)!.Value.Waiting == 3, "The live one does not wait.");
        permit.Dispose();
        (await live).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var job in jobs)
        {
            await ResultAsync(gateway, job);
        }

        order[0].ShouldBe("/live");
        order.Skip(1).Order().ShouldBe(["/job0", "/job1", "/job2", "/job3"]);
        server.Greatest.ShouldBe(1);
    }

    [Fact]
    public async Task A_backend_that_could_not_is_tried_again_and_each_attempt_is_recorded()
    {
        var seen = 0;
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref seen) < 3 ? 503 : 204;
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var job = await DeferAsync(gateway);
        (await ResultAsync(gateway, job)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var attempts = (await ReadAsync(gateway, job)).GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("status").GetInt32());
        attempts.ShouldBe([503, 503, 204]);
    }

    [Fact]
    public async Task A_dead_letter_has_its_last_failure_and_can_be_tried_again()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime, connections: handler => handler.ConnectCallback = (_, _) => throw new IOException("refused by the test"));
        var job = await DeferAsync(gateway);
        var result = await ResultAsync(gateway, job);
        (result.StatusCode, result.Headers.GetValues("X-Admission-Job-State").Single()).ShouldBe((HttpStatusCode.BadGateway, "dead"));
        (await ProblemReader.ReadAsync(result)).GetProperty("reason").GetString().ShouldBe("backend-connection-failed");
        (await ReadAsync(gateway, job)).GetProperty("attempts").GetArrayLength().ShouldBe(3);

        (await gateway.Http.PostAsync(job + "/retry", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await ResultAsync(gateway, job)).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ReadAsync(gateway, job)).GetProperty("attempts").GetArrayLength().ShouldBe(6);
    }

    [Fact]
    public async Task A_clients_key_stands_for_one_job_and_reaches_the_backend()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var permit = await TakeAsync(gateway);
        var job = (await PreferAsync(gateway, "respond-async", "k1", "one")).Headers.Location!.OriginalString;
        (await PreferAsync(gateway, "respond-async", "k1", "one")).Headers.Location!.OriginalString.ShouldBe(job);
        var other = await PreferAsync(gateway, "respond-async", "k1", "two");
        var problem = await ProblemReader.ReadAsync(other);
        problem.GetProperty("reason").GetString().ShouldBe("idempotency-key-reused");
        problem.ToString().ShouldNotContain(job.Split('/')[^1], Case.Insensitive, "whoever guesses a key learns nobody's job");
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", "somebody-else");
        var another = (await PreferAsync(gateway, "respond-async", "k1", "one")).Headers.Location!.OriginalString;
        another.ShouldNotBe(job, "the key is another client's");
        (await gateway.Http.DeleteAsync(another)).IsSuccessStatusCode.ShouldBeTrue();
        gateway.Http.DefaultRequestHeaders.Authorization = null;
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        permit.Dispose();
        (await (await ResultAsync(gateway, job)).Content.ReadAsStringAsync()).ShouldEndWith(" k1");
        await gateway.PermitsComeBackAsync();
        (await PreferAsync(gateway, "respond-async", "k1", "one")).Headers.Location!.OriginalString.ShouldBe(job);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_said()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, new(OneAtATime) { ["Jobs:MaxBody"] = "10", ["Jobs:Capacity"] = "2" });
        using var permit = await TakeAsync(gateway);
        var large = await PreferAsync(gateway, "respond-async", body: "more than ten bytes");
        (large.StatusCode, (await ProblemReader.ReadAsync(large)).GetProperty("reason").GetString()).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "job-body-too-large"));
        await PreferAsync(gateway, "respond-async");
        await PreferAsync(gateway, "respond-async");
        var full = await PreferAsync(gateway, "respond-async");
        (full.StatusCode, (await ProblemReader.ReadAsync(full)).GetProperty("reason").GetString()).ShouldBe((HttpStatusCode.ServiceUnavailable, "jobs-full"));
        full.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_a_result_that_says_so()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync(new string('x', 2000)));
        await using var gateway = await TestGateway.StartAsync(server, new(OneAtATime) { ["Jobs:MaxResult"] = "1000" });
        var result = await ResultAsync(gateway, await DeferAsync(gateway));
        (await ProblemReader.ReadAsync(result)).GetProperty("reason").GetString().ShouldBe("result-too-large");
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_job_does_not_run()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway, permit: permit);
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)!.Value.Waiting == 1, "It does not wait for the permit.");
        (await gateway.Http.DeleteAsync(job)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await gateway.Http.DeleteAsync(job)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await gateway.GetAsync(job + "/result")).StatusCode.ShouldBe(HttpStatusCode.Gone);
        await Until.TrueAsync(() => gateway.Client.StateOf(TestGateway.Backend)!.Value.Waiting == 0, "Its ticket is not given up.");

        // One that comes after it runs, and would have run after it.
        var next = await DeferAsync(gateway, permit: permit);
        permit.Dispose();
        (await ResultAsync(gateway, next)).StatusCode.ShouldBe(HttpStatusCode.Created);
        server.Seen.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_tells_how_the_job_stands_and_its_result()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway, permit: permit);
        using var request = new HttpRequestMessage(HttpMethod.Get, job);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync()).ShouldBe("event: job");
        permit.Dispose();
        var rest = await reader.ReadToEndAsync();
        rest.ShouldContain("\"state\":\"done\"");
        rest[rest.IndexOf("event: result", StringComparison.Ordinal)..].ShouldContain("\"status\":201");
    }

    [Fact]
    public async Task A_client_is_told_with_a_signature_as_soon_as_its_job_is_finished()
    {
        const string Key = "a key of sixteen characters";
        var told = new TaskCompletionSource<(string Signature, string Body)>();
        var tries = 0;
        await using var hook = await TestServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            if (Interlocked.Increment(ref tries) == 1)
            {
                context.Response.StatusCode = 500;
                return;
            }

            told.TrySetResult((context.Request.Headers["X-Admission-Signature"]!, body));
        });
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(
            server, new(OneAtATime) { ["Jobs:Callbacks:Allow:0"] = $"{hook.Address}/jobs/", ["Jobs:Callbacks:Key"] = Key });
        var permit = await TakeAsync(gateway);
        (await PreferAsync(gateway, "respond-async", callback: hook.Address + "/elsewhere")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var job = (await PreferAsync(gateway, "respond-async", callback: hook.Address + "/jobs/1")).Headers.Location!.OriginalString;
        permit.Dispose();

        var (signature, sent) = await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var document = JsonDocument.Parse(sent);
        (document.RootElement.GetProperty("id").GetString(), document.RootElement.GetProperty("status").GetInt32()).ShouldBe((job[^32..], 201));
        var seconds = signature[2..signature.IndexOf(',', StringComparison.Ordinal)];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{seconds}.{sent}"));
        signature.ShouldBe($"t={seconds},v1={Convert.ToHexStringLower(expected)}");
    }

    [Fact]
    public async Task Lists_are_for_callers_on_this_machine_and_a_job_for_whoever_has_its_id()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var job = await DeferAsync(gateway);
        await ResultAsync(gateway, job);
        (await FromAfarAsync(job)).ShouldBe(HttpStatusCode.OK);
        (await FromAfarAsync("/admission/v1/jobs")).ShouldBe(HttpStatusCode.Forbidden);
        (await FromAfarAsync(job[..^1] + (job[^1] == '0' ? '1' : '0'))).ShouldBe(HttpStatusCode.NotFound);

        var list = await ReadAsync(gateway, $"/admission/v1/jobs?backend={TestGateway.Backend}&state=done");
        list.GetProperty("jobs").EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString().ShouldBe(job[^32..]);
        (await gateway.GetAsync("/admission/v1/jobs?limit=0")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        async Task<HttpStatusCode> FromAfarAsync(string address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add("X-Test-Remote", "192.0.2.1");
            return (await gateway.Http.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task A_gateway_that_stops_finishes_what_is_in_the_backend_and_keeps_the_rest()
    {
        var (inside, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(async context =>
        {
            inside.TrySetResult();
            await gate.Task;
            await context.Response.WriteAsync("done");
        });
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime, shutdownTimeout: "20s");
        var permit = await TakeAsync(gateway);
        var first = (await PreferAsync(gateway, "respond-async")).Headers.Location!.OriginalString[^32..];
        permit.Dispose();
        await inside.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var second = (await PreferAsync(gateway, "respond-async")).Headers.Location!.OriginalString[^32..];
        await Until.TrueAsync(async () => await StoredAsync(second) == Jobs.JobState.Running, "It does not wait for the permit.");
        var stopped = gateway.StopAsync();
        await Until.TrueAsync(async () => await StoredAsync(second) == Jobs.JobState.Queued, "What waits is not given back.");
        gate.SetResult();
        await stopped;
        (await StoredAsync(first)).ShouldBe(Jobs.JobState.Done);
        server.Seen.ShouldBe(1);

        async Task<Jobs.JobState> StoredAsync(string id) => (await gateway.Jobs.FindAsync(id, CancellationToken.None))!.State;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers["X-Own"] = "yes";
        var headers = context.Request.Headers;
        var text = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {body} {headers["X-Mine"]} {context.Request.ContentType} {headers["Idempotency-Key"]}";
        await context.Response.WriteAsync(text);
    }

    private static async Task<AdmittedPermit> TakeAsync(TestGateway gateway)
    {
        var outcome = await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest { Priority = Priorities.Critical });
        return outcome.Permit;
    }

    /// <summary>Has a request stored, and lets it run unless the caller has a permit for that.</summary>
    private static async Task<string> DeferAsync(TestGateway gateway, AdmittedPermit? permit = null)
    {
        var taken = permit ?? await TakeAsync(gateway);
        var accepted = await PreferAsync(gateway, "respond-async");
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        if (permit is null)
        {
            taken.Dispose();
        }

        return accepted.Headers.Location!.OriginalString;
    }

    private static async Task<HttpResponseMessage> PreferAsync(TestGateway gateway, string preference, string? key = null, string? body = null, string path = "/", string? callback = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body ?? "") };
        request.Headers.Add("Prefer", preference);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (callback is not null)
        {
            request.Headers.Add("X-Admission-Callback", callback);
        }

        return await gateway.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> ResultAsync(TestGateway gateway, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, job + "/result");
        request.Headers.Add("Prefer", "wait=25");
        var response = await gateway.Http.SendAsync(request);
        response.Headers.GetValues("X-Admission-Job-State").Single().ShouldBeOneOf("done", "dead");
        return response;
    }

    private static async Task<JsonElement> ReadAsync(TestGateway gateway, string address)
    {
        using var document = JsonDocument.Parse(await (await gateway.GetAsync(address)).Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }
}
