using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>What every pod must have: the restricted profile, probes, resources, an image that is always the same.</summary>
internal static class PodRules
{
    private static readonly string[] Probes = ["startupProbe", "livenessProbe", "readinessProbe"];

    /// <summary>What is wrong, an entry each.</summary>
    public static IEnumerable<string> Check(ManifestSet all) =>
        [.. all.Workloads.SelectMany(Pod), .. all.Workloads.SelectMany(workload => workload.AllContainers.SelectMany(container => Container(workload, container))), .. Accounts(all)];

    private static IEnumerable<string> Accounts(ManifestSet all) =>
        from account in all.Of("ServiceAccount")
        where account.Text("automountServiceAccountToken") != "false"
        select $"{ManifestSet.IdOf(account)}: it has a token";

    private static IEnumerable<string> Pod(Workload workload)
    {
        var security = workload.Pod.At("securityContext");
        if (security.Text("runAsNonRoot") != "true" || security.Number("runAsUser") is null or 0)
        {
            yield return $"{workload.Id}: its pods may run as root";
        }

        if (security.Text("seccompProfile", "type") != "RuntimeDefault")
        {
            yield return $"{workload.Id}: seccompProfile is not RuntimeDefault";
        }

        if (workload.Pod.Text("automountServiceAccountToken") != "false")
        {
            yield return $"{workload.Id}: its pods have a token";
        }

        foreach (var host in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(host => workload.Pod.At(host) is not null))
        {
            yield return $"{workload.Id}: {host} is not for us";
        }

        foreach (var volume in workload.Pod.Each("volumes").Where(volume => volume.At("hostPath") is not null || (volume.At("emptyDir") is { } empty && empty.Text("sizeLimit") is null)))
        {
            yield return $"{workload.Id}: the volume {volume.Text("name")} is the node's, or has no bound";
        }
    }

    private static IEnumerable<string> Container(Workload workload, YamlNode container)
    {
        var id = $"{workload.Id}, container {container.Text("name")}";
        var security = container.At("securityContext");
        if (security.Text("allowPrivilegeEscalation") != "false" || security.Text("readOnlyRootFilesystem") != "true" || security.Text("privileged") == "true"
            || !security.Each("capabilities", "drop").Any(each => (each as YamlScalarNode)?.Value == "ALL") || security.At("capabilities", "add") is not null)
        {
            yield return $"{id}: its securityContext is not that of the restricted profile with a read-only root";
        }

        foreach (var resource in new[] { "requests:cpu", "requests:memory", "limits:memory" }.Where(each => container.Text(["resources", .. each.Split(':')]) is null))
        {
            yield return $"{id}: resources:{resource} is missing";
        }

        var image = container.Text("image") ?? "";
        var tag = image[(image.LastIndexOf('/') + 1)..].Split(':', 2).ElementAtOrDefault(1);
        if (tag is null or "latest")
        {
            yield return $"{id}: the image {image} has no tag of its own";
        }

        if (workload.Ends || !workload.Containers.Contains(container))
        {
            yield break;
        }

        foreach (var probe in Probes)
        {
            if (container.At(probe) is not { } found)
            {
                yield return $"{id}: {probe} is missing";
            }
            else if ((found.Text("httpGet", "port") ?? found.Text("tcpSocket", "port")) is { } port && !container.Each("ports").Any(each => each.Text("name") == port))
            {
                yield return $"{id}: {probe} asks at the port {port}, which it does not have";
            }
        }
    }
}
