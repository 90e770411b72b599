using Admission.Capacity;
using Admission.Frontend.Configuration;
using Microsoft.Extensions.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Tests;

public sealed class ShadowSettingsTests
{
    private const string Active =
        """
        "DestinationLimit": 4, "Overflow": "Wait", "Queue": { "Capacity": 50, "MaxWait": "1s" }, "RunTimeout": "30s",
        "Priorities": { "high": { "Number": 1 } }, "Tenants": { "Cap": 3 }, "RequestBuffer": { "Enabled": false }, "Classify": { "Tenant": "Header:X-Tenant" }
        """;

    [Fact]
    public void Without_either_nothing_is_in_shadow()
    {
        var backend = Read(Active);
        backend.IsEnforced.ShouldBeTrue();
        backend.ShadowPolicy.ShouldBeNull();
        Read($$"""{{Active}}, "Shadow": false""").ShadowPolicy.ShouldBeNull();
    }

    [Fact]
    public void Shadow_decides_the_policy_itself()
    {
        var backend = Read($$"""{{Active}}, "Shadow": true""");
        backend.IsEnforced.ShouldBeFalse();
        backend.ShadowPolicy!.Matches(backend.Policy).ShouldBeTrue();
    }

    [Fact]
    public void What_is_not_proposed_is_as_in_the_active_policy()
    {
        var backend = Read($$"""{{Active}}, "Proposed": { "Queue": { "Capacity": 5 } }""");
        backend.IsEnforced.ShouldBeTrue();
        backend.Policy.QueueCapacity.ShouldBe(50);
        backend.ShadowPolicy!.QueueCapacity.ShouldBe(5);
        (backend.ShadowPolicy with { QueueCapacity = 50, Order = backend.Policy.Order }).Matches(backend.Policy).ShouldBeTrue();
        backend.ShadowPolicy.Order!.TenantCap.ShouldBe(3);
    }

    [Fact]
    public void A_proposed_limit_takes_the_place_of_all_limits_and_a_queue_order_that_of_the_whole()
    {
        var shadow = Read($$"""{{Active}}, "Proposed": { "Limit": 6, "Tenants": { "Named": { "a": { "Weight": 2 } } } }""").ShadowPolicy!;
        shadow.Limit.ShouldBe(6);
        shadow.Destinations.ShouldBeEmpty();
        shadow.Order!.TenantCap.ShouldBeNull();
        shadow.Order.Tenants.ShouldBe([new TenantRule("a", 2, null)]);
        shadow.Order.Levels.Select(level => level.Name).ShouldBe(["high"]);
        shadow.RunTimeout.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("""{ "Limit": -1 }""", "Admission:Backends:model:Proposed:Limit: -1 is not possible.")]
    [InlineData("""{ "Queue": { "Capasity": 1 } }""", "Admission:Backends:model:Proposed:Queue:Capasity: there is no such setting. Did you mean 'Capacity'?")]
    [InlineData("""{ "Classify": { "Tenant": "Route" } }""", "Admission:Backends:model:Proposed:Classify: there is no such setting.")]
    [InlineData("""{ "Limit": { "c": 1 } }""", "Admission:Backends:model:Proposed:Limit:c: the cluster 'model' has no destination 'c'.")]
    [InlineData("7", "Admission:Backends:model:Proposed: a value is given where a section belongs.")]
    public void A_mistake_in_a_proposal_says_where_it_is(string proposed, string error) => Errors($$"""{{Active}}, "Proposed": {{proposed}}""")[0].ShouldStartWith(error);

    [Theory]
    [InlineData("\"Shadow\": \"perhaps\"", "Admission:Backends:model:Shadow: 'perhaps' is not understood.")]
    [InlineData("\"Shadow\": true, \"Proposed\": { \"Limit\": 1 }", "Admission:Backends:model:Proposed: with Shadow: true the policy itself is decided in shadow")]
    [InlineData("\"RunTimeout\": \"1\", \"Proposed\": { \"Limit\": 1 }", "Admission:Backends:model:RunTimeout: '1' is not understood.")]
    [InlineData("\"Proposed\": { \"LeaseTtl\": \"1s\" }", "Admission:Backends:model:Proposed:LeaseTtl: 00:00:01 is too short for a cluster")]
    public void Each_mistake_is_told_once(string more, string error) => Errors($$"""
        "Limit": 4, {{more}}
        """).ShouldHaveSingleItem().ShouldStartWith(error);

    [Fact]
    public void A_name_that_is_kept_for_shadows_is_refused()
    {
        var errors = new List<string>();
        Read("\"Limit\": 1", "model (shadow)", errors);
        errors.ShouldHaveSingleItem().ShouldStartWith("Admission:Backends:model (shadow): a name with this end is kept");
    }

    private static BackendSettings Read(string backend)
    {
        var errors = new List<string>();
        var settings = Read(backend, "model", errors);
        errors.ShouldBeEmpty();
        return settings;
    }

    private static List<string> Errors(string backend)
    {
        var errors = new List<string>();
        Read(backend, "model", errors);
        return errors;
    }

    private static BackendSettings Read(string backend, string name, List<string> errors)
    {
        var json = $$"""{ "Admission": { "Backends": { "{{name}}": { {{backend}} } } } }""";
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build();
        var cluster = new ClusterConfig
        {
            ClusterId = name,
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase) { ["a"] = new(), ["b"] = new() },
        };
        return SettingsReader.Read(configuration.GetSection("Admission"), [cluster], inCluster: true, errors).Backends[name];
    }
}
