using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Admission.Cli.Check;

/// <summary>Finds the configurations in ConfigMaps of Kubernetes: each <c>*.json</c> below <c>data</c>.</summary>
internal static class ConfigMaps
{
    /// <summary>Reads a YAML file, of whatever objects.</summary>
    public static (IReadOnlyList<ConfigLayer> Layers, Mistake? Mistake) Read(string file, string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException wrong)
        {
            return ([], new Mistake(file, null, $"it is no YAML: line {wrong.Start.Line}: {wrong.Message}"));
        }

        var layers = new List<ConfigLayer>();
        foreach (var map in yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().Where(map => Text(map, "kind") == "ConfigMap"))
        {
            foreach (var (key, value) in Child(map, "data")?.Children.AsEnumerable() ?? [])
            {
                if (key is not YamlScalarNode { Value: { } name } || value is not YamlScalarNode { Value: { } content } || !name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                var (found, mistake) = ConfigLayer.Parse($"{file} ({name})", content);
                if (mistake is not null)
                {
                    return ([], mistake);
                }

                layers.AddRange(found);
            }
        }

        return layers.Count > 0 ? (layers, null) : ([], new Mistake(file, null, "there is no ConfigMap in it with a *.json below data."));
    }

    private static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? (value as YamlScalarNode)?.Value : null;

    private static YamlMappingNode? Child(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value as YamlMappingNode : null;
}
