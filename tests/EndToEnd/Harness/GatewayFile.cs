using System.Text.Json;
using System.Text.Json.Nodes;

namespace Admission.EndToEnd.Harness;

/// <summary>The gateway's configuration as a user writes it.</summary>
internal static class GatewayFile
{
    public const string Backend = "model";

    /// <summary>Everything goes to one cluster, with so many destinations (a, b, ...) and this policy.</summary>
    public static string For(object policy, params PythonBackend[] destinations) => For(policy, destinations.Select(backend => backend.Address));

    public static string For(object policy, IEnumerable<string> destinations)
    {
        var addresses = new JsonObject();
        foreach (var address in destinations)
        {
            addresses[$"{(char)('a' + addresses.Count)}"] = new JsonObject { ["Address"] = address };
        }

        return new JsonObject
        {
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = new JsonObject
                {
                    ["all"] = new JsonObject { ["ClusterId"] = Backend, ["Match"] = new JsonObject { ["Path"] = "{**any}" } },
                },
                ["Clusters"] = new JsonObject { [Backend] = new JsonObject { ["Destinations"] = addresses } },
            },
            ["Admission"] = new JsonObject { ["Backends"] = new JsonObject { [Backend] = JsonSerializer.SerializeToNode(policy) } },
        }.ToJsonString();
    }
}
