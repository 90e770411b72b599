using YamlDotNet.RepresentationModel;

namespace Admission.Kubernetes.Tests;

/// <summary>Ways into YAML that are short to write: what is not there is null, or nothing.</summary>
internal static class Yaml
{
    /// <summary>The node at a path of keys.</summary>
    public static YamlNode? At(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
        }

        return node;
    }

    /// <summary>The text at a path of keys.</summary>
    public static string? Text(this YamlNode? node, params ReadOnlySpan<string> path) => (node.At(path) as YamlScalarNode)?.Value;

    /// <summary>The whole number at a path of keys.</summary>
    public static int? Number(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.Text(path) is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>The elements of the list at a path of keys.</summary>
    public static IEnumerable<YamlNode> Each(this YamlNode? node, params ReadOnlySpan<string> path) => node.At(path) is YamlSequenceNode list ? list.Children : [];

    /// <summary>The entries of the map at a path of keys.</summary>
    public static Dictionary<string, string> Map(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is YamlMappingNode map
            ? map.Children.ToDictionary(entry => ((YamlScalarNode)entry.Key).Value!, entry => (entry.Value as YamlScalarNode)?.Value ?? "", StringComparer.Ordinal)
            : [];

    /// <summary>Reads every object of a rendered text.</summary>
    public static IReadOnlyList<YamlNode> Objects(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }
}
