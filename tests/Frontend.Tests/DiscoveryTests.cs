using System.Net;
using Admission.Frontend.Configuration;
using Admission.Frontend.Discovery;
using Admission.Frontend.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Tests;

/// <summary>Destinations that come from DNS: they come, go and drain, and the limit goes with them.</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public async Task The_limit_follows_the_addresses_and_one_that_has_gone_gets_nothing_new_while_what_runs_there_finishes()
    {
        await using var pods = await PodServer.StartAsync();
        var names = new NamesOfTests("127.0.0.1");
        await using var gateway = await StartAsync(pods, names);
        var old = gateway.Http.GetStringAsync("/old");
        await Until.TrueAsync(() => pods.Inside.ContainsKey("old"), "Nobody is inside.");

        names.Say("127.0.0.1", "127.0.0.2", "127.0.0.3");
        await LimitBecomesAsync(gateway, 3);
        var second = gateway.Http.GetStringAsync("/second");
        var third = gateway.Http.GetStringAsync("/third");
        await Until.TrueAsync(() => pods.Inside.Count == 3, "The new addresses are not used.");
        pods.Inside.Values.Order(StringComparer.Ordinal).ShouldBe(["127.0.0.1", "127.0.0.2", "127.0.0.3"]);

        names.Say("127.0.0.2", "127.0.0.3");
        await LimitBecomesAsync(gateway, 2);
        pods.LetGo("second");
        pods.LetGo("third");
        (await second).ShouldEndWith(" pods.test");
        await third;
        pods.LetGo("later");
        for (var i = 0; i < 10; i++)
        {
            (await gateway.Http.GetStringAsync("/later")).ShouldNotStartWith("127.0.0.1 ");
        }

        pods.Inside["old"].ShouldBe("127.0.0.1");
        pods.LetGo("old");
        (await old).ShouldStartWith("127.0.0.1 ");
        await Until.TrueAsync(
            async () => (await gateway.Client.DescribeAsync(TestGateway.Backend))!.Destinations.All(each => each.Destination != "pods-127.0.0.1" || each is { Limit: 0, Booked: 0 }), "It is not drained.");
        (await gateway.Http.GetStringAsync("/admission/v1/backends/model/scale")).ShouldContain("\"replicas\":2,");
    }

    [Fact]
    public async Task While_DNS_has_never_answered_no_ledger_hears_that_there_is_no_destination_and_the_gateway_is_not_ready()
    {
        await using var pods = await PodServer.StartAsync();
        var names = new NamesOfTests(null);
        await using var gateway = await StartAsync(pods, names);
        using var early = await gateway.GetAsync("/early");
        early.Headers.GetValues("X-Admission-Reason").ShouldBe(["starting"]);
        (await early.Content.ReadAsStringAsync()).ShouldContain("DNS has not answered for 'pods.test'");
        using var asked = await gateway.GetAsync("/admission/v1/backends/model/scale");
        asked.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, "Who asks must not hear that there is no such backend.");
        (await gateway.Client.DescribeAsync(TestGateway.Backend)).ShouldBeNull("Its ledger, and with it the whole cluster, has been told.");
        using var notReady = await gateway.GetAsync("/health/ready");
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        names.Say("127.0.0.1");
        await LimitBecomesAsync(gateway, 1);
        pods.LetGo("now");
        (await gateway.Http.GetStringAsync("/now")).ShouldStartWith("127.0.0.1 ");
        using var ready = await gateway.GetAsync("/health/ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_name_that_nobody_ever_answers_for_does_not_keep_the_gateway_unready()
    {
        await using var pods = await PodServer.StartAsync();
        await using var gateway = await StartAsync(pods, new NamesOfTests(null));
        gateway.Backends.NotKnownYet.ShouldBe(["DNS has not answered for 'pods.test'"]);
        gateway.Time.Stall(TimeSpan.FromSeconds(31));
        gateway.Backends.NotKnownYet.ShouldBeEmpty();
        gateway.Backends.WaitingFor(TestGateway.Backend).ShouldBe("DNS has not answered for 'pods.test'");
    }

    [Fact]
    public async Task That_no_address_is_left_is_believed_when_it_is_said_twice()
    {
        await using var pods = await PodServer.StartAsync();
        var names = new NamesOfTests("127.0.0.1", "127.0.0.2");
        await using var gateway = await StartAsync(pods, names);
        names.SayNoneOnce();
        var asked = names.Asked;
        await Until.TrueAsync(() => names.Asked >= asked + 3, "It is asked no more.");
        gateway.Log.Lines(2271).ShouldBeEmpty();
        names.Say();
        await LimitBecomesAsync(gateway, 0);
        gateway.Log.Lines(2271).Count().ShouldBe(1);
    }

    [Fact]
    public async Task Without_any_address_nothing_fits_also_where_the_limit_is_for_all_of_them()
    {
        await using var pods = await PodServer.StartAsync();
        var settings = Settings(pods.Port);
        settings.Remove($"Admission:Backends:{TestGateway.Backend}:DestinationLimit");
        settings[$"Admission:Backends:{TestGateway.Backend}:Limit"] = "8";
        var names = new NamesOfTests();
        await using var gateway = await TestGateway.StartAsync(settings, names: names);
        gateway.Backends.All.Single().Settings.Policy.TotalLimit.ShouldBe(0);
        names.Say("127.0.0.1", "127.0.0.2");
        await LimitBecomesAsync(gateway, 8);
    }

    [Fact]
    public async Task Without_any_address_requests_wait_within_bounds_of_their_own_until_there_is_one()
    {
        await using var pods = await PodServer.StartAsync();
        var names = new NamesOfTests();
        await using var gateway = await StartAsync(pods, names);
        gateway.Backends.All.Single().Settings.Policy.ShouldSatisfyAllConditions(
            policy => policy.TotalLimit.ShouldBe(0),
            policy => policy.QueueCapacity.ShouldBe(2),
            policy => policy.MaxWait.ShouldBe(TimeSpan.FromMinutes(5)));
        pods.LetGo("a");
        Task<HttpResponseMessage>[] waiting = [gateway.GetAsync("/a"), gateway.GetAsync("/a")];
        await Until.TrueAsync(async () => (await gateway.Client.DescribeAsync(TestGateway.Backend))!.Occupancy.Queued == 2, "They do not wait.");
        using var refused = await gateway.GetAsync("/a");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["at-capacity"]);

        names.Say("127.0.0.3");
        foreach (var answer in await Task.WhenAll(waiting))
        {
            (await answer.Content.ReadAsStringAsync()).ShouldStartWith("127.0.0.3 ");
            answer.Dispose();
        }

        gateway.Backends.All.Single().Settings.Policy.ShouldSatisfyAllConditions(
            policy => policy.TotalLimit.ShouldBe(1),
            policy => policy.QueueCapacity.ShouldBe(7));
    }

    [Fact]
    public async Task A_name_without_an_address_is_asked_for_as_long_as_it_is_configured_and_no_longer()
    {
        var names = new NamesOfTests([]);
        var time = new SteppedTime();
        var destination = new DestinationConfig { Address = "http://pods.test:8000", Metadata = new Dictionary<string, string> { ["Admission.Resolve"] = "Dns", ["Admission.Resolve.Every"] = "1s" } };
        var written = new InMemoryConfigProvider([], [new ClusterConfig { ClusterId = "model", Destinations = new Dictionary<string, DestinationConfig> { ["pods"] = destination } }]);
        using var destinations = new DnsDestinations(names, [written], time, NullLogger<DnsDestinations>.Instance);
        (await destinations.ResolveDestinationsAsync(written.GetConfig().Clusters[0].Destinations!, CancellationToken.None)).Destinations.ShouldBeEmpty();

        // The first one knows that it was asked for just now.
        destinations.ConfigurationApplied([]);
        destinations.ConfigurationApplied([]);
        var asked = names.Asked;
        time.Advance(TimeSpan.FromSeconds(10));
        names.Asked.ShouldBeGreaterThan(asked, "It is forgotten although it is configured.");

        written.Update([], []);
        destinations.ConfigurationApplied([]);
        asked = names.Asked;
        time.Advance(TimeSpan.FromSeconds(10));
        names.Asked.ShouldBe(asked);
    }

    [Fact]
    public async Task A_server_of_names_that_does_not_answer_changes_nothing_and_is_said_once()
    {
        await using var pods = await PodServer.StartAsync();
        var names = new NamesOfTests("127.0.0.1", "127.0.0.2", "::1");
        await using var gateway = await StartAsync(pods, names);
        gateway.Backends.All.Single().Settings.Policy.TotalLimit.ShouldBe(2, "A pod with addresses of both families is one pod.");
        names.Say(null);
        var asked = names.Asked;
        await Until.TrueAsync(() => names.Asked >= asked + 3, "It is asked no more.");
        gateway.Backends.All.Single().Settings.Policy.TotalLimit.ShouldBe(2);
        gateway.Log.Lines(2272).Count().ShouldBe(1);
        names.Say("127.0.0.2");
        await LimitBecomesAsync(gateway, 1);
    }

    [Theory]
    [InlineData("Destinations:pods:Metadata:Admission.Resolve: 'Srv' is not understood.", "cluster", "Destinations:pods:Metadata:Admission.Resolve", "Srv")]
    [InlineData("Destinations:pods:Metadata:Admission.Resolve.Every: '1ms' is not possible.", "cluster", "Destinations:pods:Metadata:Admission.Resolve.Every", "1ms")]
    [InlineData("Destinations:pods:Address: 'http://127.0.0.1:80' has no name that DNS could know.", "cluster", "Destinations:pods:Address", "http://127.0.0.1:80")]
    [InlineData("model:Destinations:pods: each address of 'pods' is a destination of its own", "policy", "Destinations:pods:Limit", "3")]
    [InlineData("model:Queue:ColdStart:Capacity: 8 is not possible. Give a whole number from 1 to 7.", "policy", "Queue:ColdStart:Capacity", "8")]
    [InlineData("model:Queue:ColdStart: nobody waits by this policy", "policy", "Overflow", "Refuse")]
    public async Task A_mistake_is_told(string expected, string where, string key, string value)
    {
        var settings = Settings(80);
        settings[where == "cluster" ? $"ReverseProxy:Clusters:{TestGateway.Backend}:{key}" : $"Admission:Backends:{TestGateway.Backend}:{key}"] = value;
        var raw = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        await using var rules = new ServiceCollection().AddLogging().AddReverseProxy().Services.BuildServiceProvider();
        (await ConfigurationGate.CheckAsync(raw, rules.GetRequiredService<IConfigValidator>(), inCluster: false)).ShouldHaveSingleItem().ShouldContain(expected);
    }

    private static Task<TestGateway> StartAsync(PodServer pods, NamesOfTests names) => TestGateway.StartAsync(Settings(pods.Port), names: names);

    private static Dictionary<string, string?> Settings(int port)
    {
        var settings = TestGateway.Settings([], new Dictionary<string, string?>
        {
            ["DestinationLimit"] = "1",
            ["SlowStart"] = "0ms",
            ["Overflow"] = "Wait",
            ["Queue:Capacity"] = "7",
            ["Queue:ColdStart:Capacity"] = "2",
            ["Queue:ColdStart:MaxWait"] = "5m",
        });
        var destination = $"ReverseProxy:Clusters:{TestGateway.Backend}:Destinations:pods";
        settings["Admission:ShutdownTimeout"] = "200ms";
        settings[$"{destination}:Address"] = $"http://pods.test:{port}";
        settings[$"{destination}:Metadata:Admission.Resolve"] = "Dns";
        settings[$"{destination}:Metadata:Admission.Resolve.Every"] = "500ms";
        return settings;
    }

    private static Task LimitBecomesAsync(TestGateway gateway, int limit) =>
        Until.TrueAsync(async () => (await gateway.Client.DescribeAsync(TestGateway.Backend))?.Occupancy.Limit == limit, $"The limit does not become {limit}.");
}
