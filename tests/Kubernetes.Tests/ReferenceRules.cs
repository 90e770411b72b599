using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>Whatever names another object names one that there is. No schema sees that: Kubernetes takes such manifests, and nothing happens.</summary>
internal static class ReferenceRules
{
    /// <summary>What is wrong, an entry each.</summary>
    public static IEnumerable<string> Check(ManifestSet all) =>
        [.. Selectors(all), .. Services(all), .. Budgets(all), .. Scalers(all), .. Policies(all), .. all.Workloads.SelectMany(workload => References(workload, all))];

    private static IEnumerable<string> Selectors(ManifestSet all)
    {
        foreach (var workload in all.Workloads.Where(each => !each.Ends))
        {
            var wanted = workload.Object.Map("spec", "selector", "matchLabels");
            if (wanted.Count == 0 || !wanted.All(label => workload.PodLabels.Contains(label)))
            {
                yield return $"{workload.Id}: its selector does not match its pods' labels";
            }

            if (all.Selected(wanted).Any(other => other.Id != workload.Id))
            {
                yield return $"{workload.Id}: its selector matches pods of others too";
            }

            foreach (var term in workload.Pod.Each("affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution").Select(each => each.At("podAffinityTerm"))
                .Concat(workload.Pod.Each("topologySpreadConstraints")))
            {
                if (!all.Selected(term.Map("labelSelector", "matchLabels")).Contains(workload))
                {
                    yield return $"{workload.Id}: its spread over {term.Text("topologyKey")} does not select its own pods";
                }
            }
        }
    }

    private static IEnumerable<string> Services(ManifestSet all)
    {
        foreach (var service in all.Of("Service"))
        {
            var labels = service.Map("spec", "selector");
            Workload[] workloads = labels.Count == 0 ? [] : [.. all.Selected(labels)];
            if (workloads.Length != 1)
            {
                yield return $"{ManifestSet.IdOf(service)}: its selector matches {workloads.Length} workloads";
            }

            foreach (var target in service.Each("spec", "ports").Select(port => port.Text("targetPort") ?? port.Text("port")!))
            {
                if (!workloads.All(workload => workload.HasPort(target)))
                {
                    yield return $"{ManifestSet.IdOf(service)}: no container has a port {target}";
                }
            }
        }

        foreach (var set in all.Of("StatefulSet").Where(set => !all.Has("Service", set.Text("spec", "serviceName"))))
        {
            yield return $"{ManifestSet.IdOf(set)}: there is no Service {set.Text("spec", "serviceName")}";
        }
    }

    private static IEnumerable<string> Budgets(ManifestSet all)
    {
        foreach (var budget in all.Of("PodDisruptionBudget"))
        {
            var labels = budget.Map("spec", "selector", "matchLabels");
            if (labels.Count == 0 || all.Selected(labels).Count() != 1)
            {
                yield return $"{ManifestSet.IdOf(budget)}: its selector matches no workload, or several";
            }

            if (budget.Number("spec", "maxUnavailable") is not > 0)
            {
                yield return $"{ManifestSet.IdOf(budget)}: it lets no pod go, so no machine can be drained";
            }
        }
    }

    private static IEnumerable<string> Scalers(ManifestSet all)
    {
        foreach (var scaler in all.Of("HorizontalPodAutoscaler"))
        {
            var (kind, name) = (scaler.Text("spec", "scaleTargetRef", "kind"), scaler.Text("spec", "scaleTargetRef", "name"));
            if (!all.Has(kind, name))
            {
                yield return $"{ManifestSet.IdOf(scaler)}: there is no {kind}/{name}";
            }

            if (!(scaler.Number("spec", "minReplicas") <= scaler.Number("spec", "maxReplicas")))
            {
                yield return $"{ManifestSet.IdOf(scaler)}: minReplicas is more than maxReplicas";
            }
        }
    }

    // A policy's named ports are those of the pods that it is for when they come in; where it goes out to, they would be the others'.
    private static IEnumerable<string> Policies(ManifestSet all)
    {
        foreach (var policy in all.Of("NetworkPolicy"))
        {
            var labels = policy.Map("spec", "podSelector", "matchLabels");
            if (labels.Count == 0)
            {
                continue;
            }

            Workload[] workloads = [.. all.Selected(labels)];
            if (workloads.Length == 0)
            {
                yield return $"{ManifestSet.IdOf(policy)}: it is for no pod";
            }

            foreach (var port in policy.Each("spec", "ingress").SelectMany(rule => rule.Each("ports")).Select(port => port.Text("port")).OfType<string>())
            {
                if (!workloads.All(workload => workload.HasPort(port)))
                {
                    yield return $"{ManifestSet.IdOf(policy)}: no container has a port {port}";
                }
            }

            foreach (var rule in policy.Each("spec", "egress"))
            {
                foreach (var target in rule.Each("to").Where(to => to.At("namespaceSelector") is null && to.At("ipBlock") is null).SelectMany(to => all.Selected(to.Map("podSelector", "matchLabels"))))
                {
                    if (rule.Each("ports").FirstOrDefault(port => !target.HasPort(port.Text("port") ?? "")) is { } missing)
                    {
                        yield return $"{ManifestSet.IdOf(policy)}: {target.Id} has no port {missing.Text("port")}";
                    }
                }
            }
        }
    }

    private static IEnumerable<string> References(Workload workload, ManifestSet all)
    {
        if (!all.Has("ServiceAccount", workload.Pod.Text("serviceAccountName")))
        {
            yield return $"{workload.Id}: there is no ServiceAccount {workload.Pod.Text("serviceAccountName")}";
        }

        var volumes = workload.Pod.Each("volumes").Concat(workload.Object.Each("spec", "volumeClaimTemplates").Select(claim => claim.At("metadata"))).OfType<YamlNode>().ToList();
        foreach (var map in volumes.Select(volume => volume.Text("configMap", "name")).OfType<string>().Where(name => !all.Has("ConfigMap", name)))
        {
            yield return $"{workload.Id}: there is no ConfigMap {map}";
        }

        foreach (var container in workload.AllContainers)
        {
            foreach (var mount in container.Each("volumeMounts").Select(mount => mount.Text("name")).Where(name => !volumes.Any(volume => volume.Text("name") == name)))
            {
                yield return $"{workload.Id}: there is no volume {mount}";
            }

            foreach (var secret in container.Each("env").Select(variable => variable.At("valueFrom", "secretKeyRef")).OfType<YamlNode>())
            {
                if (!all.Has("Secret", secret.Text("name")))
                {
                    yield return $"{workload.Id}: there is no Secret {secret.Text("name")}";
                }
                else if (all.Of("Secret").FirstOrDefault(each => each.Text("metadata", "name") == secret.Text("name")) is { } found && found.Text("data", secret.Text("key")!) is null)
                {
                    yield return $"{workload.Id}: the Secret {secret.Text("name")} has no key {secret.Text("key")}";
                }
            }
        }
    }
}
