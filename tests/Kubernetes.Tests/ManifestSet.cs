using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>All objects of one rendered overlay.</summary>
/// <param name="objects">The objects.</param>
/// <param name="madeBefore">Secrets that people make before, because what is in them belongs into no file.</param>
internal sealed class ManifestSet(IReadOnlyList<YamlNode> objects, params string[] madeBefore)
{
    private static readonly string[] Running = ["Deployment", "StatefulSet", "Job"];

    public IReadOnlyList<YamlNode> Objects => objects;

    public IReadOnlyList<Workload> Workloads { get; } = [.. objects.Where(each => Running.Contains(each.Text("kind"), StringComparer.Ordinal)).Select(each => new Workload(each))];

    public IEnumerable<YamlNode> Of(string kind) => objects.Where(each => each.Text("kind") == kind);

    /// <summary>Whether there is such an object.</summary>
    public bool Has(string? kind, string? name) =>
        (kind == "Secret" && madeBefore.Contains(name, StringComparer.Ordinal)) || Of(kind ?? "").Any(each => each.Text("metadata", "name") == name);

    /// <summary>The workloads whose pods have all these labels.</summary>
    public IEnumerable<Workload> Selected(IReadOnlyDictionary<string, string> labels) => Workloads.Where(workload => labels.All(label => workload.PodLabels.Contains(label)));

    public static string IdOf(YamlNode node) => $"{node.Text("kind")}/{node.Text("metadata", "name")}";
}
