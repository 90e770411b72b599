using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Admission.Frontend.Configuration;
using Admission.Frontend.Tests.Support;
using Admission.Grains.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Tests;

public sealed class LiveChangeTests
{
    [Fact]
    public async Task A_changed_file_is_applied_and_a_wrong_one_changes_nothing()
    {
        using var log = new HostLog();
        await using var old = await TestServer.StartAsync(context => context.Response.WriteAsync("old"));
        await using var other = await TestServer.StartAsync(context => context.Response.WriteAsync("new"));
        await using var host = new RunningHost(RunningHost.File(old, new { Limit = 2 }));
        await host.StartAsync();
        host.Write(RunningHost.File(old, new { Limit = 5 }));
        await LimitBecomesAsync(host, 5);

        // Neither half of a wrong change is applied: the address is new too.
        host.Write(RunningHost.File(other, new { Limit = -5 }));
        await RefusedAsync(host, log, "Admission:Backends:model:Limit: -5 is not possible.");
        host.Write("{ no json");
        await RefusedAsync(host, log, "appsettings.json: ");
        File.Delete(Path.Combine(host.Folder, "appsettings.json"));
        await RefusedAsync(host, log, "ReverseProxy:Clusters: there are none any more.");

        host.Write(RunningHost.File(other, new { Limit = 7 }));
        await LimitBecomesAsync(host, 7);
        await Until.TrueAsync(async () => await host.Http.GetStringAsync("/") == "new", "The new address is not used.");
        host.Write(RunningHost.File(other, null));
        await Until.TrueAsync(async () => (await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends")).GetArrayLength() == 0, "The policy stays.");
        (await host.Http.GetStringAsync("/")).ShouldBe("new", "A cluster without a policy passes unlimited.");
    }

    [Fact]
    public async Task A_file_with_the_policies_alone_that_vanishes_takes_no_limit_away()
    {
        using var log = new HostLog();
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("old"));
        await using var host = new RunningHost(new { Admission = new { Backends = new { model = new { Limit = 5 } } } });
        await host.StartAsync(
            "--ReverseProxy:Routes:all:ClusterId", "model",
            "--ReverseProxy:Routes:all:Match:Path", "{**any}",
            "--ReverseProxy:Clusters:model:Destinations:a:Address", server.Address);
        File.Delete(Path.Combine(host.Folder, "appsettings.json"));
        await RefusedAsync(host, log, "Admission:Backends: there are none any more.");

        // Saying so is something else.
        host.Write(new { Admission = new { Backends = new { } } });
        await Until.TrueAsync(async () => (await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends")).GetArrayLength() == 0, "The policy stays.");
    }

    [Fact]
    public async Task A_file_that_is_repaired_within_the_same_tick_of_the_clock_is_applied()
    {
        using var log = new HostLog();
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("old"));
        await using var host = new RunningHost(RunningHost.File(server, new { Limit = 5 }));
        await host.StartAsync();
        var written = DateTime.UnixEpoch;
        host.Write("{ no json", written);
        await RefusedAsync(host, log, "appsettings.json: ");
        host.Write(JsonSerializer.Serialize(RunningHost.File(server, new { Limit = 7 })), written);
        await LimitBecomesAsync(host, 7);
    }

    [Fact]
    public async Task A_change_before_the_gate_has_started_is_not_missed()
    {
        var file = new ChangingConfiguration();
        using var raw = new ConfigurationManager();
        ((IConfigurationBuilder)raw).Add(file);
        file.Replace(new() { ["Admission:DataFolder"] = "before" });
        var accepted = new AcceptedConfiguration();
        accepted.Accept(raw);
        file.Replace(new() { ["Admission:DataFolder"] = "after" });

        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy();
        await using var provider = services.BuildServiceProvider();
        using var gate = new ConfigurationGate(
            raw, accepted, provider.GetRequiredService<IConfigValidator>(), TimeProvider.System, provider.GetRequiredService<ILogger<ConfigurationGate>>());
        await gate.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => accepted.Root["Admission:DataFolder"] == "after", "The change is not applied.");
    }

    [Fact]
    public async Task In_somebodys_own_gateway_a_changed_section_is_applied_and_a_wrong_one_refused_with_the_reason()
    {
        using var go = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(_ => go.WaitAsync());
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });
        gateway.Change(TestGateway.Settings([server], new() { ["Limit"] = "-5" }));
        await Until.TrueAsync(() => gateway.Log.Lines(2015).Any(), "Nothing is logged.");
        gateway.Log.Lines(2015).First().ShouldContain("Admission:Backends:model:Limit: -5 is not possible.");
        gateway.Change(TestGateway.Settings([server], new() { ["Limit"] = "3" }));
        await Until.TrueAsync(() => gateway.Backends.All.Single().Settings.Policy.Limit == 3, "The change is not applied.");
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync("model"))!.Occupancy.Limit == 3, "The ledger does not hear of it.");
        var requests = Enumerable.Range(0, 3).Select(_ => gateway.GetAsync()).ToArray();
        await Until.TrueAsync(() => server.Inside == 3, "Three are possible now.");
        go.Release(3);
        (await Task.WhenAll(requests)).ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_section_stops_somebodys_own_gateway_at_start()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var wrong = await Should.ThrowAsync<AdmissionConfigurationException>(() => TestGateway.StartAsync(server, new() { ["Limit"] = "-5", ["LeaseTtl"] = "x" }));
        wrong.Errors.Count.ShouldBe(2);
        wrong.Message.ShouldContain("Admission:Backends:model:Limit: -5 is not possible.");
    }

    [Fact]
    public async Task A_cluster_that_is_added_passes_nothing_before_its_limit_is_in_force()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "1" });

        // YARP takes the cluster; the table cannot follow, because something else is wrong.
        gateway.Change(WithAnother("-5"));
        await Until.TrueAsync(async () => (await gateway.GetAsync("/fresh")).StatusCode == HttpStatusCode.ServiceUnavailable, "It is forwarded.");
        await Until.TrueAsync(() => gateway.Log.Lines(2015).Any(), "The table does not try to follow.");
        using var response = await gateway.GetAsync("/fresh");
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await ProblemReader.ReadAsync(response)).GetProperty("reason").GetString().ShouldBe("starting");
        var seen = server.Seen;

        gateway.Change(WithAnother("1"));
        await Until.TrueAsync(async () => await ReasonAsync() == "at-capacity", "The limit is not in force.");
        server.Seen.ShouldBe(seen);

        Dictionary<string, string?> WithAnother(string limit) => new(TestGateway.Settings([server], new() { ["Limit"] = limit }))
        {
            ["ReverseProxy:Routes:fresh:ClusterId"] = "fresh",
            ["ReverseProxy:Routes:fresh:Match:Path"] = "/fresh",
            ["ReverseProxy:Clusters:fresh:Destinations:a:Address"] = server.Address,
            ["Admission:Backends:fresh:Limit"] = "0",
        };

        async Task<string?> ReasonAsync()
        {
            using var refused = await gateway.GetAsync("/fresh");
            return (await ProblemReader.ReadAsync(refused)).GetProperty("reason").GetString();
        }
    }

    private static Task LimitBecomesAsync(RunningHost host, int limit) => Until.TrueAsync(
        async () => (await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends/model")).GetProperty("limit") is { ValueKind: JsonValueKind.Number } found
            && found.GetInt32() == limit,
        $"The limit does not become {limit}.");

    private static async Task RefusedAsync(RunningHost host, HostLog log, string because)
    {
        await log.HasAsync(2001, because);
        (await host.Http.GetStringAsync("/")).ShouldBe("old");
        (await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends/model")).GetProperty("limit").GetInt32().ShouldBe(5);
    }
}
