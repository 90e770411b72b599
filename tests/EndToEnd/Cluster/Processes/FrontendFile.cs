using System.Text.Json;
using System.Text.Json.Nodes;
using Admission.EndToEnd.Cluster.Backends;

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

    public static string For(ClusterPlan plan, IReadOnlyList<(BackendPlan Plan, string Address, int Limit)> backends) => new JsonObject
    {
        ["ReverseProxy"] = new JsonObject
        {
            ["Routes"] = Each(backends, each => new { ClusterId = each.Plan.Id, Match = new { Path = $"/{each.Plan.Id}/{{**any}}" } }),
            ["Clusters"] = Each(backends, each => new { Destinations = new { one = new { each.Address } } }),
        },
        ["Admission"] = new JsonObject { ["Backends"] = Each(backends, each => Policy(plan, each.Plan, each.Limit)) },
    }.ToJsonString();

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

    private static JsonObject Each(IEnumerable<(BackendPlan Plan, string Address, int Limit)> backends, Func<(BackendPlan Plan, string Address, int Limit), object> value) =>
        new(backends.Select(each => KeyValuePair.Create<string, JsonNode?>(each.Plan.Id, JsonSerializer.SerializeToNode(value(each)))));
}
