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

        return For([(Backend, "{**any}", policy)], addresses);
    }

    /// <summary>One destination under several policies: each is a backend, whose name is the first part of its paths.</summary>
    public static string For(PythonBackend destination, params (string Id, object Policy)[] backends) =>
        For([.. backends.Select(backend => (backend.Id, $"/{backend.Id}/{{**any}}", backend.Policy))], new() { ["a"] = new JsonObject { ["Address"] = destination.Address } });

    private static string For((string Id, string Path, object Policy)[] backends, JsonObject destinations)
    {
        var (routes, clusters, policies) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var (id, path, policy) in backends)
        {
            routes[id] = new JsonObject { ["ClusterId"] = id, ["Match"] = new JsonObject { ["Path"] = path } };
            clusters[id] = new JsonObject { ["Destinations"] = destinations.DeepClone() };
            policies[id] = JsonSerializer.SerializeToNode(policy);
        }

        return new JsonObject
        {
            ["ReverseProxy"] = new JsonObject { ["Routes"] = routes, ["Clusters"] = clusters },
            ["Admission"] = new JsonObject { ["Backends"] = policies },
        }.ToJsonString();
    }
}
