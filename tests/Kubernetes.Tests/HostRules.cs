using System.Text.Json;
using Admission.Cli.Check;
using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>What the manifests tell our own processes: their environment, where they work, where they are asked for their health. Kubernetes takes any of it.</summary>
internal static class HostRules
{
    private static readonly string[] Ours = ["Cluster__", "Admission__"];
    private static readonly string[] Runtime = ["ASPNETCORE_URLS", "DOTNET_USE_POLLING_FILE_WATCHER", "DOTNET_EnableDiagnostics"];

    /// <summary>So long the silo's host waits for it to hand over (HostOptions.ShutdownTimeout), and a margin.</summary>
    private static readonly TimeSpan SiloGoes = TimeSpan.FromSeconds(30 + 5);

    /// <summary>What is wrong, an entry each.</summary>
    public static async Task<IEnumerable<string>> CheckAsync(ManifestSet all)
    {
        var found = new List<string>();
        foreach (var workload in all.Workloads.Where(each => Component(each) is "silo" or "frontend"))
        {
            foreach (var container in workload.AllContainers)
            {
                found.AddRange(await EnvironmentAsync($"{workload.Id}, container {container.Text("name")}", container));
            }

            found.AddRange(workload.Containers.SelectMany(container => Live(workload, container).Concat(Ports(container)).Concat(Probes(container)).Select(each => $"{workload.Id}, container {container.Text("name")}: {each}")));
            if (Component(workload) == "silo" && TimeSpan.FromSeconds(workload.Pod.Number("terminationGracePeriodSeconds") ?? 30) < SiloGoes)
            {
                found.Add($"{workload.Id}: terminationGracePeriodSeconds is less than the {SiloGoes.TotalSeconds} s that a silo may take to hand over");
            }
        }

        return found;
    }

    private static string? Component(Workload workload) => workload.PodLabels.GetValueOrDefault("app.kubernetes.io/component");

    /// <summary>By the rules that the process itself starts with: a variable with a mistake in its name would be read by nobody.</summary>
    private static async Task<IEnumerable<string>> EnvironmentAsync(string id, YamlNode container)
    {
        var variables = container.Each("env").ToDictionary(variable => variable.Text("name")!, Value, StringComparer.Ordinal);
        var unknown = variables.Keys.Where(name => !Runtime.Contains(name, StringComparer.Ordinal) && !Ours.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        using var folder = new TemporaryFolder();
        var settings = variables.Where(variable => Ours.Any(prefix => variable.Key.StartsWith(prefix, StringComparison.Ordinal)))
            .ToDictionary(variable => variable.Key.Replace("__", ":", StringComparison.Ordinal), variable => variable.Value, StringComparer.Ordinal);

        // A backend in front of which the gateway could stand, so that nothing else is wrong.
        settings["ReverseProxy:Clusters:model:Destinations:a:Address"] = "http://model-server:8000";
        await File.WriteAllTextAsync(folder["environment.json"], JsonSerializer.Serialize(settings));
        var reports = await ConfigCheck.RunAsync([folder["environment.json"]], together: true, inCluster: true);
        return [.. unknown.Select(name => $"{id}: nobody reads the variable {name}"), .. reports.SelectMany(report => report.Mistakes).Select(mistake => $"{id}: {mistake.Key}: {mistake.Message}")];
    }

    private static string Value(YamlNode variable) =>
        variable.Text("value") ?? (variable.At("valueFrom", "secretKeyRef") is not null ? "Host=db;Username=admission;Database=admission"
        : variable.Text("valueFrom", "fieldRef", "fieldPath") == "status.podIP" ? "10.1.2.3" : "");

    private static string? Variable(YamlNode container, string name) => container.Each("env").FirstOrDefault(each => each.Text("name") == name).Text("value");

    /// <summary>The configuration is where the process looks for it, and a change of it is seen.</summary>
    private static IEnumerable<string> Live(Workload workload, YamlNode container)
    {
        var volume = workload.Pod.Each("volumes").FirstOrDefault(each => each.Text("configMap", "name") == "admission-configuration").Text("name");
        var mount = container.Each("volumeMounts").FirstOrDefault(each => volume is not null && each.Text("name") == volume);
        if (mount is null || mount.Text("mountPath") != container.Text("workingDir"))
        {
            yield return "the configuration is not mounted where it works";
        }

        if (mount.At("subPath") is not null)
        {
            yield return "with a subPath the kubelet never brings a changed configuration in";
        }

        if (Variable(container, "DOTNET_USE_POLLING_FILE_WATCHER") != "1")
        {
            yield return "without DOTNET_USE_POLLING_FILE_WATCHER a changed configuration is not seen";
        }
    }

    private static IEnumerable<string> Ports(YamlNode container)
    {
        foreach (var (variable, port) in new[] { ("ASPNETCORE_URLS", "http"), ("Cluster__SiloPort", "silo"), ("Cluster__GatewayPort", "gateway") })
        {
            var number = container.Each("ports").FirstOrDefault(each => each.Text("name") == port).Text("containerPort");
            var said = Variable(container, variable) is { } value ? value[(value.LastIndexOf(':') + 1)..] : null;
            if (number != said)
            {
                yield return $"{variable} says {said ?? "nothing"}, and the port {port} is {number ?? "not there"}";
            }
        }
    }

    private static IEnumerable<string> Probes(YamlNode container) =>
        from name in new[] { "startupProbe", "livenessProbe", "readinessProbe" }
        let right = name == "readinessProbe" ? "/health/ready" : "/health/live"
        let path = container.Text(name, "httpGet", "path")
        where path != right
        select $"{name} asks {path ?? "nothing"}, and should ask {right}";
}
