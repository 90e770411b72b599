using System.Text.Json;
using System.Text.Json.Nodes;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Leases;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>The configuration file that all frontends of a cluster share.</summary>
internal static class FrontendFile
{
    /// <summary>Writes it in one step: a reader sees the old file or the new one.</summary>
    public static void Write(string folder, ClusterPlan plan, IEnumerable<(BackendPlan Plan, string Address, int Limit)> backends)
    {
        var temporary = Path.Combine(folder, "appsettings.new");
        File.WriteAllText(temporary, For(plan, [.. backends]));
        File.Move(temporary, Path.Combine(folder, "appsettings.json"), overwrite: true);
    }

    public static string For(ClusterPlan plan, IReadOnlyList<(BackendPlan Plan, string Address, int Limit)> backends)
    {
        var clusters = Each(backends, each => each.Plan.Id, each => new { Destinations = new { one = new { each.Address } } });
        var policies = Each(backends, each => each.Plan.Id, each => Policy(plan, each.Plan, each.Limit));
        var admission = new JsonObject { ["Backends"] = policies };
        foreach (var leased in plan.Leased)
        {
            clusters[leased.Id] = JsonSerializer.SerializeToNode(new { Destinations = new { none = new { Address = "http://127.0.0.1:9" } } });
            policies[leased.Id] = JsonSerializer.SerializeToNode(Policy(plan, leased));
            admission["Security"] = JsonSerializer.SerializeToNode(new { Keys = new[] { new { Name = "holders", Role = "holder", Hash = HolderProcesses.KeyHash } } });
        }

        return new JsonObject
        {
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = Each(backends, each => each.Plan.Id, each => new { ClusterId = each.Plan.Id, Match = new { Path = $"/{each.Plan.Id}/{{**any}}" } }),
                ["Clusters"] = clusters,
            },
            ["Admission"] = admission,
        }.ToJsonString();
    }

    // Gateways dispatch nothing to it, so what a lost one had needs no quarantine.
    private static object Policy(ClusterPlan plan, LeasedPlan leased) => new
    {
        leased.Limit,
        Overflow = $"{Overflow.Wait}",
        Queue = new { Capacity = 50, MaxWait = plan.MaxWait.ToString() },
        LeaseTtl = plan.LeaseTtl.ToString(),
        Quarantine = "00:00:00",
    };

    private static object Policy(ClusterPlan plan, BackendPlan backend, int limit)
    {
        var policy = new Dictionary<string, object>
        {
            ["Limit"] = limit,
            ["Overflow"] = $"{backend.Overflow}",
            ["LeaseTtl"] = plan.LeaseTtl.ToString(),
            ["Quarantine"] = plan.Quarantine.ToString(),
            ["RunTimeout"] = plan.RunTimeout.ToString(),
            ["OnLeaseLost"] = "Cancel",
        };
        switch (backend.Overflow)
        {
            case Overflow.Wait:
                policy["Queue"] = new { Capacity = 50, MaxWait = plan.MaxWait.ToString() };
                break;
            case Overflow.Defer:
                // A job of this run is done in the end, however many gateways are lost with it: one that is given up would be one that is lost.
                policy["Jobs"] = new { DeferAfter = "100ms", ClaimTtl = plan.ClaimTtl.ToString(), Attempts = 100, FirstDelay = "200ms", LongestDelay = "2s" };
                break;
        }

        return policy;
    }

    private static JsonObject Each<T>(IEnumerable<T> all, Func<T, string> id, Func<T, object> value) =>
        new(all.Select(each => KeyValuePair.Create<string, JsonNode?>(id(each), JsonSerializer.SerializeToNode(value(each)))));
}
