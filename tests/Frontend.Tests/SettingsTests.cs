using Admission.Capacity;
using Admission.Frontend.Configuration;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Reads_every_setting()
    {
        var (settings, errors) = Read(
            """
            {
              "ShutdownTimeout": "5s", "Buffers": { "Memory": "1MiB", "Disk": "1GiB" },
              "Backends": { "model": {
                "Limit": 8, "DestinationLimit": 4, "Destinations": { "b": { "Limit": 6 } },
                "Overflow": "Wait", "Queue": { "Capacity": 50, "MaxWait": "1500ms", "Patience": "Off", "Discipline": "CoDel", "Target": "10ms", "Interval": "200ms" },
                "LeaseTtl": "00:00:05", "RunTimeout": "2m", "Quarantine": "0s", "StopsWhenAbandoned": true, "OnLeaseLost": "Continue",
                "Ejection": { "Enabled": false, "Failures": 5, "ShortestPause": "1s", "LongestPause": "30s" }, "SlowStart": "20s", "ExplainWaitsOver": "250ms",
                "RequestBuffer": { "Memory": "32KiB", "Max": "1MiB" }, "ResponseBuffer": { "Enabled": false, "Memory": 1024, "Max": 4096 }
              } }
            }
            """);
        errors.ShouldBeEmpty();
        settings.ShutdownTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        settings.BufferMemory.ShouldBe(1 << 20);
        settings.BufferDisk.ShouldBe(1 << 30);
        var backend = settings.Backends["MODEL"];
        backend.Policy.Matches(new BackendPolicy
        {
            Limit = 8,
            Destinations = [new("b", 6), new("a", 4)],
            Overflow = Overflow.Wait,
            QueueCapacity = 50,
            MaxWait = TimeSpan.FromMilliseconds(1500),
            IgnoresPatience = true,
            Discipline = QueueDiscipline.CoDel,
            DelayTarget = TimeSpan.FromMilliseconds(10),
            DelayInterval = TimeSpan.FromMilliseconds(200),
            LeaseTtl = TimeSpan.FromSeconds(5),
            RunTimeout = TimeSpan.FromMinutes(2),
            Quarantine = TimeSpan.Zero,
            StopsWhenAbandoned = true,
            OnLeaseLost = OnLeaseLost.Continue,
            Ejection = new EjectionPolicy { Enabled = false, Failures = 5, ShortestPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30) },
            SlowStart = TimeSpan.FromSeconds(20),
            ExplainWaitsOver = TimeSpan.FromMilliseconds(250),
        }).ShouldBeTrue();
        backend.RequestBuffer.ShouldBe(new BufferSettings(true, 32 << 10, 1 << 20));
        backend.ResponseBuffer.ShouldBe(new BufferSettings(false, 1024, 4096));
    }

    [Fact]
    public void Has_defaults_for_all_but_the_limit()
    {
        var (settings, errors) = Read("""{ "Backends": { "model": { "Limit": 8 } } }""");
        errors.ShouldBeEmpty();
        settings.Backends["model"].Policy.Matches(new BackendPolicy { Limit = 8 }).ShouldBeTrue();
        settings.Backends["model"].RequestBuffer.ShouldBe(BufferSettings.DefaultRequest);
        settings.Backends["model"].ResponseBuffer.ShouldBe(BufferSettings.DefaultResponse);
    }

    [Theory]
    [InlineData("""{ "ShortestPause": "2m" }""", 120, 120)]
    [InlineData("""{ "LongestPause": "200ms" }""", 0.2, 0.2)]
    public void The_default_of_one_pause_gives_way_to_the_other(string ejection, double shortest, double longest)
    {
        var (settings, errors) = Read($$"""{ "Backends": { "model": { "Limit": 1, "Ejection": {{ejection}} } } }""");
        errors.ShouldBeEmpty();
        settings.Backends["model"].Policy.Ejection.ShortestPause.TotalSeconds.ShouldBe(shortest);
        settings.Backends["model"].Policy.Ejection.LongestPause.TotalSeconds.ShouldBe(longest);
    }

    [Fact]
    public void Takes_a_limit_for_each_destination_by_name()
    {
        var (settings, errors) = Read("""{ "Backends": { "model": { "Limit": { "a": 1, "b": 3 } } } }""");
        errors.ShouldBeEmpty();
        settings.Backends["model"].Policy.Limit.ShouldBeNull();
        settings.Backends["model"].Policy.Destinations.ShouldBe([new DestinationLimit("a", 1), new DestinationLimit("b", 3)], ignoreOrder: true);
    }

    [Fact]
    public void Reads_who_goes_first()
    {
        var (settings, errors) = Read(
            """
            { "Backends": { "model": { "Limit": 8,
                "Priorities": { "critical": { "Number": 0 }, "bulk": { "Number": 30, "Share": 5 } },
                "Tenants": { "Cap": 4, "Burst": 6, "Named": { "acme": { "Weight": 3 }, "Zeta": { "Cap": 6 } } } } } }
            """);
        errors.ShouldBeEmpty();
        var order = settings.Backends["model"].Policy.Order.ShouldNotBeNull();
        order.Levels.ShouldBe([new QueueLevel("bulk", 30, 5), new QueueLevel("critical", 0, 0)], ignoreOrder: true);
        order.TenantCap.ShouldBe(4);
        order.TenantBurst.ShouldBe(6);
        order.Tenants.ShouldBe([new TenantRule("acme", 3, null), new TenantRule("Zeta", 1, 6)], ignoreOrder: true);
    }

    [Theory]
    [InlineData(""" "Overflow": "Defer" """, "background", 20, 5)]
    [InlineData(""" "Overflow": "Wait", "Jobs": { "Enabled": true, "Priority": 40 }, "Tenants": { "Cap": 4 } """, "jobs", 40, 5)]
    [InlineData(""" "Overflow": "Defer", "Priorities": { "background": { "Number": 20, "Share": 0 } } """, "background", 20, 0)]
    public void Jobs_have_a_share_unless_the_policy_says_who_has_one(string rest, string name, int number, int share)
    {
        var (settings, errors) = Read($$"""{ "Backends": { "model": { "Limit": 8, {{rest}} } } }""");
        errors.ShouldBeEmpty();
        settings.Backends["model"].Policy.Order.ShouldNotBeNull().Levels.ShouldContain(new QueueLevel(name, number, share));
    }

    [Fact]
    public void Without_jobs_nobody_has_a_share_that_is_not_given()
    {
        var (settings, _) = Read("""{ "Backends": { "model": { "Limit": 8, "Overflow": "Wait" } } }""");
        settings.Backends["model"].Policy.Order.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{ "Adaptive": { "Max": 50 } }""", 50, 0, LimitAlgorithm.Gradient2, 1, null)]
    [InlineData("""{ "Adaptive": { "Max": 50, "Min": 2, "Initial": 9, "Algorithm": "Vegas" } }""", 50, 0, LimitAlgorithm.Vegas, 2, 9)]
    [InlineData("""{ "Adaptive": { "Algorithm": "Aimd" }, "a": 3, "b": 4 }""", null, 2, LimitAlgorithm.Aimd, 1, null)]
    public void Takes_a_limit_that_finds_itself(string limit, int? max, int destinations, LimitAlgorithm algorithm, int min, int? initial)
    {
        var (settings, errors) = Read($$"""{ "Backends": { "model": { "Limit": {{limit}} } } }""");
        errors.ShouldBeEmpty();
        var policy = settings.Backends["model"].Policy;
        policy.Limit.ShouldBe(max);
        policy.Destinations.Length.ShouldBe(destinations);
        policy.Adaptive.ShouldBe(new AdaptiveLimit { Algorithm = algorithm, Min = min, Initial = initial });
    }

    [Theory]
    [InlineData("""{ "Limit": 1, "Priorities": { "low": { "Share": 5 } } }""", "Priorities:low:Number: missing.*")]
    [InlineData("""{ "Limit": 1, "Priorities": { "low": { "Number": 100 } } }""", "Priorities:low:Number: 100 is not possible. Give a whole number from 0 to 99.")]
    [InlineData("""{ "Limit": 1, "Priorities": { "low": { "Number": 9, "Share": 101 } } }""", "Priorities:low:Share: 101 is not possible.*")]
    [InlineData("""{ "Limit": 1, "Priorities": { "a": { "Number": 9, "Share": 60 }, "b": { "Number": 10, "Share": 50 } } }""", "Priorities: the shares add up to 110 percent.*")]
    [InlineData("""{ "Limit": 1, "Priorities": { "low": { "Number": 9, "Sahre": 5 } } }""", "Priorities:low:Sahre: there is no such setting. Did you mean 'Share'?*")]
    [InlineData("""{ "Limit": 1, "Tenants": { "Cap": 0 } }""", "Tenants:Cap: 0 is not possible. Give a whole number from 1 to 1000000.")]
    [InlineData("""{ "Limit": 1, "Tenants": { "Burst": -1 } }""", "Tenants:Burst: -1 is not possible. Give a whole number from 0 to 1000000.")]
    [InlineData("""{ "Limit": 1, "Tenants": { "Named": { "acme": { "Weight": 0 } } } }""", "Tenants:Named:acme:Weight: 0 is not possible. Give a whole number from 1 to 1000.")]
    [InlineData("""{ "Limit": -5 }""", "Limit: -5 is not possible. Give a whole number from 0 to 1000000.")]
    [InlineData("""{ "Limit": "many" }""", "Limit: 'many' is not understood. Write a whole number.")]
    [InlineData("""{ "Limit": 1.5 }""", "Limit: '1.5' is not understood. Write a whole number.")]
    [InlineData("""{ "Overflow": "Refuse" }""", "Limit: missing. Give the number of requests that the backend can serve at once, or a limit for each destination.")]
    [InlineData("""{ "Limit": 1, "Limmit": 2 }""", "Limmit: there is no such setting. Did you mean 'Limit'?*")]
    [InlineData("""{ "Limit": 1, "Jobs": { "Enabled": true } }""", "Jobs: jobs wait in the backend's queue, and this backend has none.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "Enabled": false } }""", "Jobs:Enabled: 'false' is not possible with Overflow: Defer.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Jobs": { "DeferAfter": "1s" } }""", "Jobs:DeferAfter: it is for Overflow: Defer.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "Attempts": 0 } }""", "Jobs:Attempts: 0 is not possible. Give a whole number from 1 to 100.")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "FirstDelay": "1m", "LongestDelay": "1s" } }""", "Jobs:FirstDelay: 00:01:00 is more than LongestDelay*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "Priority": "urgent" } }""", "Jobs:Priority: 'urgent' is not possible. Give critical, normal, background, or a whole number*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "Callbacks": { "Allow": ["https://hooks.example"] } } }""", "Jobs:Callbacks:Key: missing or too short.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "Callbacks": { "Allow": ["hooks/"] } } }""", "Jobs:Callbacks:Allow:0: 'hooks/' is not possible.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Defer", "Jobs": { "Capcity": 5 } }""", "Jobs:Capcity: there is no such setting. Did you mean 'Capacity'?*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wiat" }""", "Overflow: 'Wiat' is not possible. Choose Refuse or Wait or Defer. Did you mean 'Wait'?")]
    [InlineData("""{ "Limit": 1, "Queue": { "Capacity": 5 } }""", "Overflow: a Queue is given, but not whether it is used.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Capacity": 0 } }""", "Queue:Capacity: 0 is not possible. Give a whole number from 1 to 100000.")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "MaxWait": "2" } }""", "Queue:MaxWait: '2' is not understood. Write a duration such as*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "MaxWait": "2 days" } }""", "Queue:MaxWait: '2 days' is not understood.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "MaxWait": "2h" } }""", "Queue:MaxWait: 02:00:00 is not possible. Give a duration from*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Size": 5 } }""", "Queue:Size: there is no such setting.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Patience": "Lern" } }""", "Queue:Patience: 'Lern' is not possible. Choose Learn or Off. Did you mean 'Learn'?")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Discipline": "Lifo" } }""", "Queue:Discipline: 'Lifo' is not possible. Choose Fifo or CoDel or AdaptiveLifo.*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Discipline": "CoDel", "Target": "200ms" } }""", "Queue:Interval: 00:00:00.1000000 is less than the target, 00:00:00.2000000. Give at least as much*")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Discipline": "CoDel", "Target": "0ms" } }""", "Queue:Target: 00:00:00 is not possible.*")]
    [InlineData("""{ "Limit": 1, "LeaseTtl": "10ms" }""", "LeaseTtl: 00:00:00.0100000 is not possible.*")]
    [InlineData("""{ "Limit": 1, "RunTimeout": "-1s" }""", "RunTimeout: -00:00:01 is not possible.*")]
    [InlineData("""{ "Limit": 1, "Quarantine": "25h" }""", "Quarantine: 1.01:00:00 is not possible.*")]
    [InlineData("""{ "Limit": 1, "StopsWhenAbandoned": "maybe" }""", "StopsWhenAbandoned: 'maybe' is not understood. Write true or false.")]
    [InlineData("""{ "Limit": 1, "OnLeaseLost": "Panic" }""", "OnLeaseLost: 'Panic' is not possible. Choose Cancel or Continue.")]
    [InlineData("""{ "Limit": 1, "Ejection": { "Failures": 0 } }""", "Ejection:Failures: 0 is not possible. Give a whole number from 1 to 1000.")]
    [InlineData("""{ "Limit": 1, "Ejection": { "ShortestPause": "5s", "LongestPause": "1s" } }""", "Ejection:LongestPause: 00:00:01 is not possible. Give a duration from 00:00:05 to*")]
    [InlineData("""{ "Limit": 1, "Ejection": { "Failure": 3 } }""", "Ejection:Failure: there is no such setting. Did you mean 'Failures'?*")]
    [InlineData("""{ "Limit": 1, "SlowStart": "2h" }""", "SlowStart: 02:00:00 is not possible. Give a duration from 00:00:00 to 01:00:00.")]
    [InlineData("""{ "Limit": 1, "RequestBuffer": { "Max": "1MB" } }""", "RequestBuffer:Max: '1MB' is not understood. Write bytes, or a size such as 64KiB, 16MiB or 1GiB.")]
    [InlineData("""{ "Limit": 1, "RequestBuffer": { "Memory": "2MiB", "Max": "1MiB" } }""", "RequestBuffer:Memory: 2097152 bytes are more than Max, 1048576 bytes.*")]
    [InlineData("""{ "Limit": 1, "ResponseBuffer": { "Max": -1 } }""", "ResponseBuffer:Max: -1 is not possible. Give a size from 0 to 1024GiB.")]
    [InlineData("""{ "Limit": { "a": 1 } }""", "Destinations:b:Limit: missing, while other destinations have one*")]
    [InlineData("""{ "Limit": { "a": 1, "bb": 1 } }""", "Limit:bb: the cluster 'model' has no destination 'bb'. Did you mean 'b'?")]
    [InlineData("""{ "Destinations": { "c": { "Limit": 1 } }, "DestinationLimit": 1 }""", "Destinations:c: the cluster 'model' has no destination 'c'.*")]
    [InlineData("""{ "Limit": { "a": 1 }, "Destinations": { "a": { "Limit": 2 } }, "DestinationLimit": 1 }""", "Destinations:a: the destination's limit is also given as*")]
    [InlineData("""{ "Limit": { "Adaptive": { "Min": 2 } } }""", "Limit:Adaptive:Max: missing. Give the number of requests that the backend may ever be given at once*")]
    [InlineData("""{ "Limit": { "Adaptive": { "Max": "lots" } } }""", "Limit:Adaptive:Max: 'lots' is not understood. Write a whole number.")]
    [InlineData("""{ "Limit": { "Adaptive": { "Max": 10, "Min": 0 } } }""", "Limit:Adaptive:Min: 0 is not possible. Give a whole number from 1 to 10*")]
    [InlineData("""{ "Limit": { "Adaptive": { "Max": 10, "Min": 4, "Initial": 3 } } }""", "Limit:Adaptive:Initial: 3 is not possible. Give a whole number from 4 to 10*")]
    [InlineData("""{ "Limit": { "Adaptive": { "Max": 10, "Algorithm": "Reno" } } }""", "Limit:Adaptive:Algorithm: 'Reno' is not possible. Choose Gradient2 or Aimd or Vegas.*")]
    [InlineData("""{ "Limit": { "Adaptive": { "Max": 10, "Initail": 3 } } }""", "Limit:Adaptive:Initail: there is no such setting. Did you mean 'Initial'?*")]
    public void Names_the_mistake_and_the_remedy(string backend, string expected)
    {
        var (_, errors) = Read($$"""{ "Backends": { "model": {{backend}} } }""");
        var full = $"Admission:Backends:model:{expected}";
        errors.ShouldContain(error => full.EndsWith('*') ? error.StartsWith(full.TrimEnd('*'), StringComparison.Ordinal) : error == full, string.Join('\n', errors));
    }

    [Fact]
    public void Reports_all_mistakes_together()
    {
        var (_, errors) = Read("""{ "ShutdownTimeout": "9h", "Bakends": {}, "Backends": { "model": { "Limit": -1, "LeaseTtl": "x" }, "modle": { "Limit": 1 } } }""");
        errors.ShouldBe(
            [
                "Admission:ShutdownTimeout: 09:00:00 is not possible. Give a duration from 00:00:00 to 01:00:00.",
                "Admission:Bakends: there is no such setting. Did you mean 'Backends'? Known here: Buffers, Jobs, DataFolder, ShutdownTimeout, Recorder, Security, Telemetry, Backends.",
                "Admission:Backends:model:Limit: -1 is not possible. Give a whole number from 0 to 1000000.",
                "Admission:Backends:model:LeaseTtl: 'x' is not understood. Write a duration such as 500ms, 2s, 1m, 1h or 00:00:02.",
                "Admission:Backends:modle: there is no cluster 'modle' in ReverseProxy:Clusters. Did you mean 'model'? A policy has the name of its cluster.",
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("Admission.RequestBufering", "Off", "there is no such setting. Did you mean 'Admission.RequestBuffering'?*")]
    [InlineData("Admission.RequestBuffering", "No", "'No' is not possible. Choose On or Off.")]
    [InlineData("Admission.Weight", "0", "'0' is not possible. Give a whole number from 1 to 1000000.")]
    public void Names_the_mistake_in_a_routes_metadata(string key, string value, string expected)
    {
        var errors = new List<string>();
        RouteSettings.Check(new RouteConfig { RouteId = "all", Metadata = new Dictionary<string, string> { [key] = value, ["Other"] = "fine" } }, errors);
        var full = $"ReverseProxy:Routes:all:Metadata:{key}: {expected}";
        errors.ShouldHaveSingleItem().ShouldStartWith(full.TrimEnd('*'));
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("2s", 2000)]
    [InlineData(" 1.5 s ", 1500)]
    [InlineData("1m", 60_000)]
    [InlineData("2H", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("00:00:02", 2000)]
    public void Understands_durations(string text, int milliseconds)
    {
        Durations.TryParse(text, out var duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("1,5s")]
    [InlineData("1,000ms")]
    [InlineData("2")]
    [InlineData("s")]
    public void Refuses_durations_that_could_mean_something_else(string text)
    {
        Durations.TryParse(text, out _).ShouldBeFalse();
        var (_, errors) = Read($$"""{ "Backends": { "model": { "Limit": 1, "RunTimeout": "{{text}}" } } }""");
        errors.ShouldHaveSingleItem().ShouldBe(
            $"Admission:Backends:model:RunTimeout: '{text}' is not understood. Write a duration such as 500ms, 2s, 1m, 1h or 00:00:02.");
    }

    [Theory]
    [InlineData("1s", false, true)]
    [InlineData("1s", true, false)]
    [InlineData("4s", true, true)]
    public void A_lease_in_a_cluster_must_outlast_a_lost_call(string lease, bool inCluster, bool fits)
    {
        var (_, errors) = Read($$"""{ "Backends": { "model": { "Limit": 1, "LeaseTtl": "{{lease}}" } } }""", inCluster);
        if (fits)
        {
            errors.ShouldBeEmpty();
        }
        else
        {
            errors.ShouldHaveSingleItem().ShouldStartWith("Admission:Backends:model:LeaseTtl: 00:00:01 is too short for a cluster");
        }
    }

    [Theory]
    [InlineData("-9223372036854775808KiB")]
    [InlineData("9223372036854775807GiB")]
    public void Refuses_sizes_beyond_any_number(string text) => ByteSizes.TryParse(text, out _).ShouldBeFalse();

    private static (AdmissionSettings Settings, List<string> Errors) Read(string json, bool inCluster = false)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "Admission": {{json}} }"""))).Build();
        var cluster = new ClusterConfig
        {
            ClusterId = "model",
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase) { ["a"] = new(), ["b"] = new() },
        };
        var errors = new List<string>();
        return (SettingsReader.Read(configuration.GetSection("Admission"), [cluster], inCluster, errors), errors);
    }
}
