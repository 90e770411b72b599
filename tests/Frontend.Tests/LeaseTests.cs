using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public sealed class LeaseTests
{
    [Fact]
    public async Task A_lost_lease_cancels_what_is_in_flight()
    {
        var aborted = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async context =>
        {
            await using var registration = context.RequestAborted.Register(aborted.SetResult);
            await aborted.Task;
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["LeaseTtl"] = "1s" });
        var inFlight = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        gateway.IsCutOff = true;
        using var response = await inFlight.WaitAsync(TimeSpan.FromSeconds(10));
        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("lease-lost");
        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(10));

        using var refused = await gateway.GetAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ProblemReader.ReadAsync(refused)).GetProperty("reason").GetString().ShouldBe("ledger-unreachable");
    }

    [Fact]
    public async Task Or_lets_it_go_on_if_the_policy_says_so()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(async context =>
        {
            await go.WaitAsync();
            await context.Response.WriteAsync("done");
        });
        await using var gateway = await TestGateway.StartAsync(
            server, new() { ["Limit"] = "1", ["LeaseTtl"] = "1s", ["OnLeaseLost"] = "Continue", ["RunTimeout"] = "20s", ["Quarantine"] = "0s" });
        var inFlight = gateway.Http.GetStringAsync("/");
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        gateway.IsCutOff = true;
        await Until.TrueAsync(
            async () =>
            {
                using var refused = await gateway.GetAsync();
                return (await ProblemReader.ReadAsync(refused)).GetProperty("reason").GetString() == "ledger-unreachable";
            },
            "The lease is not lost.");
        go.Release(2);
        (await inFlight).ShouldBe("done");

        gateway.IsCutOff = false;
        await gateway.PermitsComeBackAsync();
    }
}
