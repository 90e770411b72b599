using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>What runs pods.</summary>
/// <param name="Object">The Deployment, StatefulSet or Job.</param>
internal sealed record Workload(YamlNode Object)
{
    public string Kind => Object.Text("kind") ?? "";

    public string Id => $"{Kind}/{Object.Text("metadata", "name")}";

    /// <summary>It ends by itself, so nobody asks whether it is still well.</summary>
    public bool Ends => Kind == "Job";

    public YamlNode Pod => Object.At("spec", "template", "spec") ?? new YamlMappingNode();

    public Dictionary<string, string> PodLabels => Object.Map("spec", "template", "metadata", "labels");

    public IEnumerable<YamlNode> Containers => Pod.Each("containers");

    public IEnumerable<YamlNode> AllContainers => Pod.Each("initContainers").Concat(Containers);

    /// <summary>The ports that have a name.</summary>
    public IEnumerable<string> PortNames => Containers.SelectMany(container => container.Each("ports")).Select(port => port.Text("name")).OfType<string>();

    /// <summary>The numbers of the ports.</summary>
    public IEnumerable<string> PortNumbers => Containers.SelectMany(container => container.Each("ports")).Select(port => port.Text("containerPort")).OfType<string>();

    /// <summary>Whether it has the port that is named or numbered so.</summary>
    public bool HasPort(string port) => PortNames.Concat(PortNumbers).Contains(port, StringComparer.Ordinal);
}
