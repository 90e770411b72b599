using System.Net;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public sealed class ShutdownTests
{
    [Fact]
    public async Task Finishes_what_is_in_flight_and_refuses_what_is_new()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(async context =>
        {
            await go.WaitAsync();
            await context.Response.WriteAsync("done");
        });
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "2" }, shutdownTimeout: "30s");
        var inFlight = gateway.Http.GetStringAsync("/");
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        using var kept = await RawConnection.OpenAsync(gateway.Port);
        var stopping = gateway.StopAsync();
        await Until.TrueAsync(() => gateway.Log.Lines(2030).Any(), "It does not begin to stop.");

        await Until.TrueAsync(
            async () =>
            {
                using var refused = await gateway.GetAsync();
                if (refused.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    return false;
                }

                refused.Headers.ConnectionClose.ShouldBe(true);
                refused.Headers.RetryAfter.ShouldNotBeNull();
                (await ProblemReader.ReadAsync(refused)).GetProperty("reason").GetString().ShouldBe("shutting-down");
                return true;
            },
            "Something new is taken.");
        stopping.IsCompleted.ShouldBeFalse("Something is in flight.");
        go.Release(10);
        (await inFlight).ShouldBe("done");
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Does_not_wait_longer_than_it_is_told()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(context => go.WaitAsync(context.RequestAborted));
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        var inFlight = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        await gateway.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
        await Should.ThrowAsync<HttpRequestException>(() => inFlight);
    }
}
