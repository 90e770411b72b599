using System.Net;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Tests.Support;
using Admission.Jobs;

namespace Admission.Frontend.Tests;

/// <summary>A job's attempt begins when its request is about to be sent, and not before that is stored.</summary>
public class JobSendingTests
{
    private static readonly Dictionary<string, string?> OneAtATime = new() { ["Limit"] = "1", ["Overflow"] = "Defer", ["Jobs:DeferAfter"] = "0ms" };

    [Fact]
    public async Task Nothing_is_sent_before_it_is_stored_that_it_will_be_and_the_permit_goes_back()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var (asked, away) = (0, true);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime, store: method => method == nameof(IJobStore.MarkAsync) && away ? Fail() : null);
        var (job, permit) = await DeferAsync(gateway);
        permit.Dispose();
        await Until.TrueAsync(() => Volatile.Read(ref asked) >= 2, "It is not tried again.");
        await gateway.PermitsComeBackAsync();
        server.Seen.ShouldBe(0);
        away = false;
        await BecomesAsync(gateway, job, JobState.Done);
        server.Seen.ShouldBe(1);
        (await gateway.Jobs.FindAsync(job, CancellationToken.None))!.Attempts.ShouldBe(1);

        Task<bool> Fail()
        {
            Interlocked.Increment(ref asked);
            return Task.FromException<bool>(new IOException("away"));
        }
    }

    [Fact]
    public async Task The_wait_for_a_permit_is_no_part_of_an_attempt()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, OneAtATime);
        var (job, permit) = await DeferAsync(gateway);
        await BecomesAsync(gateway, job, JobState.Running);
        var released = gateway.Time.GetUtcNow();
        permit.Dispose();
        await BecomesAsync(gateway, job, JobState.Done);
        JobAttempt.Parse((await gateway.Jobs.FindAsync(job, CancellationToken.None))!.History).ShouldHaveSingleItem().Started.ShouldBeGreaterThanOrEqualTo(released);
    }

    [Fact]
    public async Task A_job_that_waits_for_its_permit_ends_when_its_time_is_over()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new(OneAtATime) { ["Jobs:Ttl"] = "1s" });
        var (job, permit) = await DeferAsync(gateway);
        await BecomesAsync(gateway, job, JobState.Dead);
        permit.Dispose();
        using var result = await gateway.GetAsync($"/admission/v1/jobs/{job}/result");
        (result.StatusCode, result.Headers.GetValues("X-Admission-Reason").Single()).ShouldBe((HttpStatusCode.GatewayTimeout, "job-expired"));
        server.Seen.ShouldBe(0);
    }

    private static async Task<(string Job, AdmittedPermit Permit)> DeferAsync(TestGateway gateway)
    {
        var permit = (await gateway.Client.AcquireAsync(TestGateway.Backend, new AdmissionRequest { Priority = Priorities.Critical })).Permit;
        using var accepted = await gateway.Http.PostAsync("/", null);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (accepted.Headers.Location!.OriginalString[^32..], permit);
    }

    private static Task BecomesAsync(TestGateway gateway, string id, JobState state) =>
        Until.TrueAsync(async () => (await gateway.Jobs.FindAsync(id, CancellationToken.None))!.State == state, $"The job does not become {state}.");
}
