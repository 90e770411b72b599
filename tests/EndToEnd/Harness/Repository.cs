using System.Reflection;

namespace Admission.EndToEnd.Harness;

/// <summary>Where the repository and what was built of it lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepoRoot");

    public static string Backends { get; } = Path.Combine(Root, "tests/EndToEnd/Backends");

    public static string Frontend { get; } = Path.Combine(Root, "src/Frontend");

    public static string Configuration { get; } = Metadata("Configuration");

    public static string GatewayAssembly { get; } = Path.Combine(Frontend, "bin", Configuration, Metadata("Framework"), "Admission.Frontend.dll");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == key).Value!;
}
