using System.Net;
using System.Text.Json;
using Admission.Capacity;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Tests.Support;
using Yarp.ReverseProxy.Forwarder;

namespace Admission.Frontend.Tests;

/// <summary>What the gateway tells the ledger of failing destinations, and what clients see of it.</summary>
public sealed class EjectionTests
{
    [Fact]
    public async Task A_destination_that_refuses_connections_is_sent_nothing_more()
    {
        await using var dead = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(dead, new() { ["DestinationLimit"] = "2", ["Ejection:ShortestPause"] = "1m" }, more: alive);
        await dead.DisposeAsync();
        var failures = 0;
        for (var i = 0; i < 50; i++)
        {
            using var response = await gateway.GetAsync();
            failures += response.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }

        // What was under way to the ledger when the third had failed may still have gone there.
        failures.ShouldBeInRange(3, 10);
        using var document = JsonDocument.Parse(await gateway.Http.GetStringAsync("/admission/v1/backends/model"));
        var destinations = document.RootElement.GetProperty("destinations").EnumerateArray().ToDictionary(each => each.GetProperty("id").GetString()!);
        destinations["a"].GetProperty("state").GetString().ShouldBe("withheld");
        destinations["a"].GetProperty("open").GetInt32().ShouldBe(0);
        destinations["a"].GetProperty("left").GetDouble().ShouldBeInRange(1, 60);
        destinations["b"].GetProperty("state").GetString().ShouldBe("in-service");
        document.RootElement.GetProperty("limit").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Without_any_destination_requests_get_503_until_the_trial()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1", ["Ejection:ShortestPause"] = "1m", ["Ejection:LongestPause"] = "1m" });
        await server.DisposeAsync();
        for (var i = 0; i < 3; i++)
        {
            using var failed = await gateway.GetAsync();
            failed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.ServiceUnavailable, "It is not withheld.");
        using var refused = await gateway.GetAsync();
        (await ProblemReader.ReadAsync(refused)).GetProperty("reason").GetString().ShouldBe("no-destination");
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(50, 60);
    }

    [Theory]
    [InlineData(RunEnd.None, null, false, RunOutcome.Served)]
    [InlineData(RunEnd.None, null, true, RunOutcome.Served, 404)]
    [InlineData(RunEnd.None, null, true, RunOutcome.Overloaded, 503)]
    [InlineData(RunEnd.None, null, true, RunOutcome.Served, 429)]
    [InlineData(RunEnd.ClientLeft, null, true, RunOutcome.Served, 503)]
    [InlineData(RunEnd.RunTimeout, ForwarderError.RequestCanceled, false, RunOutcome.Unknown, 200, true)]
    [InlineData(RunEnd.RunTimeout, ForwarderError.ResponseBodyCanceled, true, RunOutcome.Served, 200, true)]
    [InlineData(RunEnd.None, ForwarderError.Request, false, RunOutcome.Broken)]
    [InlineData(RunEnd.None, ForwarderError.RequestTimedOut, false, RunOutcome.TimedOut)]
    [InlineData(RunEnd.None, ForwarderError.ResponseBodyDestination, true, RunOutcome.Broken)]
    [InlineData(RunEnd.None, ForwarderError.RequestBodyClient, false, RunOutcome.Unknown)]
    [InlineData(RunEnd.RunTimeout, ForwarderError.RequestCanceled, false, RunOutcome.TimedOut)]
    [InlineData(RunEnd.RunTimeout, ForwarderError.ResponseBodyCanceled, true, RunOutcome.Served)]
    [InlineData(RunEnd.ClientLeft, ForwarderError.RequestCanceled, false, RunOutcome.Unknown)]
    [InlineData(RunEnd.LeaseLost, ForwarderError.RequestCanceled, false, RunOutcome.Unknown)]
    [InlineData(RunEnd.NotSent, ForwarderError.RequestCanceled, false, RunOutcome.Unknown)]
    internal void Says_of_a_destination_what_its_run_shows(
        RunEnd end, ForwarderError? error, bool hasAnswered, RunOutcome outcome, int status = 200, bool wasCutEarly = false) =>
        RunOutcomes.Of(end, error is { } known ? new Failure(known, null) : null, hasAnswered, status, wasCutEarly).ShouldBe(outcome);

    [Theory]
    [InlineData(RunOutcome.Served, "", RunOutcome.Served)]
    [InlineData(RunOutcome.Overloaded, "", RunOutcome.Overloaded)]
    [InlineData(RunOutcome.ConnectFailed, "a", RunOutcome.ConnectFailed)]
    [InlineData(RunOutcome.ConnectFailed, "", RunOutcome.Unknown)]
    internal void A_permit_without_a_destination_accuses_none_of_several(RunOutcome seen, string destination, RunOutcome outcome) =>
        RunOutcomes.Attribute(seen, destination, cluster: null).ShouldBe(outcome);

    [Fact]
    public void Tells_a_failed_connect_from_a_broken_connection()
    {
        var refused = new HttpRequestException(HttpRequestError.ConnectionError);
        RunOutcomes.Of(RunEnd.None, new Failure(ForwarderError.Request, refused), hasAnswered: false, 200, wasCutEarly: false).ShouldBe(RunOutcome.ConnectFailed);
        var tooSlow = new OperationCanceledException("", new TimeoutException());
        RunOutcomes.Of(RunEnd.None, new Failure(ForwarderError.RequestTimedOut, tooSlow), hasAnswered: false, 200, wasCutEarly: false).ShouldBe(RunOutcome.ConnectFailed);
    }

    private sealed class Failure(ForwarderError error, Exception? exception) : IForwarderErrorFeature
    {
        public ForwarderError Error => error;

        public Exception? Exception => exception;
    }
}
