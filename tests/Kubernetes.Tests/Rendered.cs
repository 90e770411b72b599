using System.Collections.Concurrent;
using System.Reflection;

namespace Admission.Kubernetes.Tests;

/// <summary>What 'kubectl kustomize' makes of a directory; each is rendered once.</summary>
internal static class Rendered
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Texts = new(StringComparer.Ordinal);

    public static string Root { get; } =
        typeof(Rendered).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "RepoRoot").Value!;

    /// <summary>Everything that people apply.</summary>
    public static IReadOnlyList<string> Directories { get; } = ["k8s", "k8s/overlays/dev", "k8s/overlays/production", "k8s/samples/model-server"];

    /// <summary>The Secrets that the directory's own text says are to be made before.</summary>
    public static string[] MadeBefore(string directory) => directory == "k8s/overlays/production" ? ["admission-database"] : [];

    public static Task<string> TextAsync(string directory) => Texts.GetOrAdd(directory, each => new Lazy<Task<string>>(() => RenderAsync(each))).Value;

    public static async Task<ManifestSet> LoadAsync(string directory) => new(Yaml.Objects(await TextAsync(directory)), MadeBefore(directory));

    /// <summary>All that the rules find.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(ManifestSet all) => [.. ReferenceRules.Check(all), .. PodRules.Check(all), .. await AdmissionRules.CheckAsync(all), .. await HostRules.CheckAsync(all)];

    private static async Task<string> RenderAsync(string directory)
    {
        await using var kubectl = ChildProcess.Start("kubectl", ["kustomize", Path.Combine(Root, directory)]);
        var code = await kubectl.WaitForExitAsync(TimeSpan.FromSeconds(30));
        return code == 0 ? kubectl.Output : throw new InvalidOperationException($"kubectl kustomize {directory} ended with {code}:\n{kubectl.Output}");
    }
}
