using System.Net;
using System.Text.Json;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests;

public sealed class AdmissionApiTests
{
    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("::1", HttpStatusCode.OK)]
    [InlineData("192.0.2.7", HttpStatusCode.Forbidden)]
    public async Task Answers_on_loopback_only(string remote, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        gateway.Http.DefaultRequestHeaders.Add("X-Test-Remote", remote);
        foreach (var path in new[] { "/admission/v1/version", "/admission/v1/backends", "/admission/v1/backends/model" })
        {
            using var response = await gateway.GetAsync(path);
            response.StatusCode.ShouldBe(expected);
        }

        using var live = await gateway.GetAsync("/health/live");
        live.StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Seen.ShouldBe(0);
    }

    [Fact]
    public async Task Describes_a_backend()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["DestinationLimit"] = "3" });
        var inFlight = gateway.GetAsync();
        await Until.TrueAsync(() => server.Inside == 1, "It does not arrive.");
        await Until.TrueAsync(async () => (await ReadAsync()).GetProperty("inUse").GetInt32() == 1, "It is not seen.");
        var backend = await ReadAsync();
        backend.GetProperty("id").GetString().ShouldBe("model");
        backend.GetProperty("status").GetString().ShouldBe("granting");
        backend.GetProperty("limit").GetInt32().ShouldBe(3);
        backend.GetProperty("destinations")[0].GetProperty("id").GetString().ShouldBe("a");
        backend.GetProperty("holders").GetArrayLength().ShouldBe(1);
        backend.GetProperty("policy").GetProperty("quarantine").GetDouble().ShouldBe(60);
        go.Release();
        await inFlight;

        async Task<JsonElement> ReadAsync()
        {
            using var document = JsonDocument.Parse(await gateway.Http.GetStringAsync("/admission/v1/backends/model"));
            return document.RootElement.Clone();
        }
    }

    [Fact]
    public async Task Says_that_a_ledger_cannot_be_reached()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        gateway.IsCutOff = true;
        var text = await gateway.Http.GetStringAsync("/admission/v1/backends");
        text.ShouldContain("\"status\":\"unreachable\"");
        text.ShouldContain("The test has cut the network.");
    }

    [Fact]
    public async Task Is_ready_once_its_ledgers_have_their_policies()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" }, cutOff: true);
        using var notReady = await gateway.GetAsync("/health/ready");
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await notReady.Content.ReadAsStringAsync()).ShouldContain("has not reached its ledger");
        using var refused = await gateway.GetAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        gateway.IsCutOff = false;
        await Until.TrueAsync(async () => (await gateway.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "It does not become ready.");
        await Until.TrueAsync(async () => (await gateway.GetAsync()).StatusCode == HttpStatusCode.OK, "It does not serve.");
    }
}
