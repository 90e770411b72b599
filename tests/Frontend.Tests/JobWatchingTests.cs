using System.Net;
using System.Text.Json;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Tests.Support;
using Admission.Jobs;
using Admission.Jobs.Storage;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

/// <summary>Long polls and event streams about jobs: how many there may be, and how they end.</summary>
public class JobWatchingTests
{
    private static readonly Dictionary<string, string?> OneAtATime = new() { ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms" };

    [Fact]
    public async Task Beyond_their_number_they_are_refused_and_their_places_come_back()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var settings = TestGateway.Settings([server], OneAtATime);
        settings["Admission:Jobs:MaxWatching"] = "1";
        await using var gateway = await TestGateway.StartAsync(settings);
        using var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway);

        using (var stream = await WatchAsync(gateway, job))
        {
            (await stream.ReadLineAsync()).ShouldBe("event: job");
            foreach (var (accept, prefer) in new[] { ("text/event-stream", ""), ("*/*", "wait=5") })
            {
                using var refused = await AskAsync(gateway, job, accept, prefer);
                (refused.StatusCode, await ReasonAsync(refused)).ShouldBe((HttpStatusCode.ServiceUnavailable, "too-many-watching"));
                refused.Headers.RetryAfter.ShouldNotBeNull();
            }

            // Asking without waiting takes no place.
            (await gateway.GetAsync(job)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await Until.TrueAsync(async () => (await AskAsync(gateway, job, "*/*", "wait=1")).StatusCode == HttpStatusCode.OK, "Its place does not come back.");
        (await AskAsync(gateway, job, "*/*", "wait=1")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_gateway_that_stops_says_so_to_those_that_wait()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        using var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway);
        using var stream = await WatchAsync(gateway, job);
        await stream.ReadLineAsync();
        var polls = new[] { AskAsync(gateway, job, "*/*", "wait=25"), AskAsync(gateway, job + "/result", "*/*", "wait=25") };
        await Until.TrueAsync(() => gateway.Watching == 3, "They do not wait.");

        var stopped = gateway.StopAsync();
        (await stream.ReadToEndAsync()).ShouldEndWith("event: reconnect\ndata: {\"reason\":\"gateway-stopping\"}\n\n");
        (await Task.WhenAll(polls)).Select(answer => answer.StatusCode).ShouldBe([HttpStatusCode.OK, HttpStatusCode.Accepted]);
        await stopped;
    }

    [Fact]
    public async Task What_happens_while_the_state_is_read_is_told_at_once()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        TestGateway? gateway = null;
        AdmittedPermit? permit = null;
        var id = "";
        var (held, released) = (0, 0);
        gateway = await TestGateway.StartAsync(server, OneAtATime, store: method => method == nameof(IJobStore.FindAsync) && Interlocked.Exchange(ref held, 0) == 1 ? ReadLateAsync() : null);
        await using var disposed = gateway;
        permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway);
        id = job[^32..];
        await StateBecomesAsync(gateway, id, JobState.Running);
        Volatile.Write(ref held, 1);
        using var stream = await WatchAsync(gateway, job);
        var text = await stream.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
        released.ShouldBe(1);
        text.ShouldContain("\"state\":\"running\"");
        text.ShouldContain("event: result");

        // The job is done between the answer of the store and its arrival.
        async Task<JobRecord?> ReadLateAsync()
        {
            var found = await gateway!.Jobs.FindAsync(id, CancellationToken.None);
            released++;
            permit!.Value.Dispose();
            await StateBecomesAsync(gateway, id, JobState.Done);
            return found;
        }
    }

    [Fact]
    public async Task A_store_that_fails_or_is_asked_too_much_is_told_in_words()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        Exception? failure = null;
        await using var gateway = await TestGateway.StartAsync(
            server, OneAtATime, store: method => method is nameof(IJobStore.FindAsync) or nameof(IJobStore.FindKeyAsync) && failure is { } thrown ? Fail(method, thrown) : null);
        using var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway);
        using var stream = await WatchAsync(gateway, job);
        (await stream.ReadLineAsync()).ShouldBe("event: job");
        failure = new IOException("away");
        gateway.Jobs.Signals.Changed(job[^32..]);
        var rest = await stream.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
        rest[rest.IndexOf("event: error", StringComparison.Ordinal)..].ShouldContain("\"reason\":\"jobs-unavailable\"");

        failure = new JobStoreBusyException();
        using var busy = await gateway.GetAsync(job);
        (busy.StatusCode, await ReasonAsync(busy), busy.Headers.RetryAfter is null).ShouldBe((HttpStatusCode.ServiceUnavailable, "jobs-busy", false));
        using var keyed = new HttpRequestMessage(HttpMethod.Post, "/");
        keyed.Headers.Add("Idempotency-Key", "k");
        using var refused = await gateway.Http.SendAsync(keyed);
        (await ReasonAsync(refused)).ShouldBe("jobs-busy");

        static Task Fail(string method, Exception thrown) => method == nameof(IJobStore.FindAsync)
            ? Task.FromException<JobRecord?>(thrown) : Task.FromException<(string Id, byte[] Fingerprint)?>(thrown);
    }

    [Fact]
    public async Task A_long_poll_keeps_its_place_while_too_much_is_asked()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var (isBusy, refused) = (false, 0);
        await using var gateway = await TestGateway.StartAsync(
            server, OneAtATime, store: method => method == nameof(IJobStore.FindAsync) && Volatile.Read(ref isBusy) ? Refuse() : null);
        var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway);
        await StateBecomesAsync(gateway, job[^32..], JobState.Running);
        var poll = AskAsync(gateway, job, "*/*", "wait=25");
        await Until.TrueAsync(() => gateway.Watching == 1, "It does not wait.");

        Volatile.Write(ref isBusy, true);
        await Until.TrueAsync(
            () =>
            {
                gateway.Jobs.Signals.Changed(job[^32..]);
                return Volatile.Read(ref refused) >= 2 || poll.IsCompleted;
            },
            "It does not look again.");
        poll.IsCompleted.ShouldBeFalse();
        Volatile.Write(ref isBusy, false);
        permit.Dispose();
        using var answer = await poll;
        (answer.StatusCode, answer.Headers.GetValues("X-Admission-Job-State").Single()).ShouldBe((HttpStatusCode.OK, "done"));

        Task<JobRecord?> Refuse()
        {
            Interlocked.Increment(ref refused);
            return Task.FromException<JobRecord?>(new JobStoreBusyException());
        }
    }

    [Fact]
    public async Task A_policy_in_shadow_counts_a_stored_request_once()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new(OneAtATime) { ["Proposed:Limit"] = "5" });
        await Until.TrueAsync(() => gateway.Client.ShadowOf(TestGateway.Backend) is not null, "There is no shadow.");
        var permit = await TakeAsync(gateway);
        var job = await DeferAsync(gateway);
        permit.Dispose();
        await StateBecomesAsync(gateway, job[^32..], JobState.Done);
        gateway.Client.ShadowOf(TestGateway.Backend)!.Totals.Requests.ShouldBe(1);
    }

    private static async Task<AdmittedPermit> TakeAsync(TestGateway gateway) =>
        (await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest { Priority = Priorities.Critical })).Permit;

    private static async Task<string> DeferAsync(TestGateway gateway)
    {
        using var accepted = await gateway.Http.PostAsync("/", null);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return accepted.Headers.Location!.OriginalString;
    }

    private static async Task<HttpResponseMessage> AskAsync(TestGateway gateway, string address, string accept, string prefer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(accept);
        if (prefer.Length > 0)
        {
            request.Headers.Add("Prefer", prefer);
        }

        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<StreamReader> WatchAsync(TestGateway gateway, string job)
    {
        var response = await AskAsync(gateway, job, "text/event-stream", "");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<string?> ReasonAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("reason").GetString();
    }

    private static Task StateBecomesAsync(TestGateway gateway, string id, JobState state) =>
        Until.TrueAsync(async () => (await gateway.Jobs.FindAsync(id, CancellationToken.None))!.State == state, $"The job does not become {state}.");
}
