using System.Globalization;
using System.Text.Json;
using Admission.Cli.Check;
using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>What fits together only by what Admission does: its configuration, and how long a pod has to stop.</summary>
internal static class AdmissionRules
{
    /// <summary>What comes after the gateway's own patience: clients read what is buffered for them.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong, an entry each.</summary>
    public static async Task<IEnumerable<string>> CheckAsync(ManifestSet all) => [.. await ConfigurationAsync(all), .. Grace(all), .. Reaches(all)];

    /// <summary>By the rules that the gateway itself starts with.</summary>
    private static async Task<IEnumerable<string>> ConfigurationAsync(ManifestSet all)
    {
        using var folder = new TemporaryFolder();
        var mistakes = new List<string>();
        foreach (var map in all.Of("ConfigMap").Where(map => map.Text("data", "appsettings.json") is not null))
        {
            var file = folder[$"{map.Text("metadata", "name")}.json"];
            await File.WriteAllTextAsync(file, map.Text("data", "appsettings.json"));
            foreach (var report in await ConfigCheck.RunAsync([file], together: false, inCluster: true))
            {
                mistakes.AddRange(report.Mistakes.Select(mistake => $"{ManifestSet.IdOf(map)}: {mistake.Key}: {mistake.Message}"));
                if (report.Mistakes.Count == 0 && report.Backends == 0)
                {
                    mistakes.Add($"{ManifestSet.IdOf(map)}: no backend has a policy");
                }
            }
        }

        return mistakes;
    }

    private static IEnumerable<string> Grace(ManifestSet all)
    {
        foreach (var workload in all.Workloads.Where(each => each.PodLabels.GetValueOrDefault("app.kubernetes.io/component") == "frontend"))
        {
            var name = workload.Pod.Each("volumes").Select(volume => volume.Text("configMap", "name")).FirstOrDefault(each => each is not null);
            var text = all.Of("ConfigMap").FirstOrDefault(map => map.Text("metadata", "name") == name).Text("data", "appsettings.json") ?? "{}";
            using var settings = JsonDocument.Parse(text);
            if (!settings.RootElement.TryGetProperty("Admission", out var admission))
            {
                yield return $"{workload.Id}: it has no configuration";
                continue;
            }

            var patience = Duration(admission, "ShutdownTimeout", TimeSpan.FromSeconds(30));
            var grace = TimeSpan.FromSeconds(workload.Pod.Number("terminationGracePeriodSeconds") ?? 30);
            var before = TimeSpan.FromSeconds(workload.Containers.First().Number("lifecycle", "preStop", "sleep", "seconds") ?? 0);
            if (before == TimeSpan.Zero)
            {
                yield return $"{workload.Id}: without a preStop that sleeps, requests that are still sent to it are refused";
            }

            if (grace < before + patience + Afterwards)
            {
                yield return $"{workload.Id}: terminationGracePeriodSeconds is {grace.TotalSeconds} s, but preStop, ShutdownTimeout and what follows take {(before + patience + Afterwards).TotalSeconds} s";
            }

            foreach (var backend in admission.GetProperty("Backends").EnumerateObject().Where(backend => Duration(backend.Value, "RunTimeout", TimeSpan.FromSeconds(60)) > patience))
            {
                yield return $"{workload.Id}: a request to {backend.Name} may run longer than ShutdownTimeout lets it finish";
            }
        }
    }

    /// <summary>Only frontends reach silos, only silos and frontends PostgreSQL; whoever is not named by a policy reaches nothing.</summary>
    private static IEnumerable<string> Reaches(ManifestSet all)
    {
        if (!all.Of("NetworkPolicy").Any(policy => policy.At("spec", "podSelector") is YamlMappingNode { Children.Count: 0 }
            && policy.Each("spec", "policyTypes").Count() == 2 && !policy.Each("spec", "ingress").Any() && !policy.Each("spec", "egress").Any()))
        {
            yield return "NetworkPolicy: none denies what the others do not allow";
        }

        // One more for every pod would open what the others close.
        foreach (var policy in all.Of("NetworkPolicy"))
        {
            if (!policy.Map("spec", "podSelector", "matchLabels").ContainsKey("app.kubernetes.io/component") && (policy.Each("spec", "ingress").Any() || policy.Each("spec", "egress").Any()))
            {
                yield return $"{ManifestSet.IdOf(policy)}: it opens something for pods of every kind";
            }

            var egress = policy.Each("spec", "egress").SelectMany(rule => rule.Each("ports")).ToList();
            if (egress.Count > 0 && new[] { "UDP", "TCP" }.FirstOrDefault(protocol => !egress.Exists(port => port.Text("port") == "53" && port.Text("protocol") == protocol)) is { } missing)
            {
                yield return $"{ManifestSet.IdOf(policy)}: its pods cannot ask DNS by {missing}";
            }
        }

        foreach (var (component, port, allowed) in new[] { ("silo", "gateway", new[] { "frontend" }), ("silo", "silo", ["silo"]), ("postgres", "postgres", ["silo", "frontend"]) })
        {
            foreach (var policy in all.Of("NetworkPolicy").Where(policy => policy.Text("spec", "podSelector", "matchLabels", "app.kubernetes.io/component") == component))
            {
                var from = policy.Each("spec", "ingress").Where(rule => !rule.Each("ports").Any() || rule.Each("ports").Any(each => each.Text("port") == port))
                    .SelectMany(rule => rule.Each("from").Any() ? rule.Each("from").SelectMany(Components) : ["anybody"]).ToHashSet(StringComparer.Ordinal);
                if (!from.SetEquals(allowed))
                {
                    yield return $"{ManifestSet.IdOf(policy)}: the port {port} is reached by {string.Join(", ", from)}, and should be by {string.Join(", ", allowed)}";
                }
            }
        }
    }

    private static IEnumerable<string> Components(YamlNode from)
    {
        const string Key = "app.kubernetes.io/component";
        if (from.At("namespaceSelector") is null && from.Text("podSelector", "matchLabels", Key) is { } one)
        {
            return [one];
        }

        var several = from.Each("podSelector", "matchExpressions").Where(each => each.Text("key") == Key && each.Text("operator") == "In")
            .SelectMany(each => each.Each("values")).Select(each => each.ToString()).ToList();
        return several.Count > 0 ? several : ["anybody"];
    }

    // Ours are all in seconds; what is not fails here, and is then to be understood here too.
    private static TimeSpan Duration(JsonElement section, string key, TimeSpan otherwise) =>
        section.TryGetProperty(key, out var value) ? TimeSpan.FromSeconds(double.Parse(value.GetString()!.TrimEnd('s'), CultureInfo.InvariantCulture)) : otherwise;
}
