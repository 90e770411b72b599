namespace Admission.Kubernetes.Tests;

/// <summary>What the tests need of the machine, and how it is come by.</summary>
internal static class Tools
{
    public static void NeedKubectl() => Skip.IfNot(IsInPath("kubectl"), "Needs kubectl 1.30 or later in PATH, which renders the manifests.");

    public static void NeedTypes()
    {
        NeedKubectl();
        Skip.IfNot(IsInPath("node") && Directory.Exists(Path.Combine(Rendered.Root, "eng/kubernetes/node_modules")), "Needs Node.js and 'npm ci' in eng/kubernetes, as ./test does.");
    }

    private static bool IsInPath(string file) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, file)));
}
