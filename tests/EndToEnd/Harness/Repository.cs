using System.Reflection;

namespace Admission.EndToEnd.Harness;

/// <summary>Where the repository and what was built of it lie.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepoRoot");

    public static string Backends { get; } = Path.Combine(Root, "tests/EndToEnd/Backends");

    /// <summary>Programs that hold leases.</summary>
    public static string Holders { get; } = Path.Combine(Root, "tests/EndToEnd/Holders");

    /// <summary>The Python sample as users have it.</summary>
    public static string PythonSample { get; } = Path.Combine(Root, "samples/python");

    public static string Frontend { get; } = Path.Combine(Root, "src/Frontend");

    public static string Configuration { get; } = Metadata("Configuration");

    public static string GatewayAssembly { get; } = Built("src/Frontend", "Admission.Frontend.dll");

    public static string SiloAssembly { get; } = Built("src/Silo", "Admission.Silo.dll");

    public static string RecordingBackendAssembly { get; } = Built("tests/RecordingBackend", "RecordingBackend.dll");

    public static string NpgsqlSampleAssembly { get; } = Built("samples/npgsql", "NpgsqlSample.dll");

    /// <summary>What runs leave behind; not under version control.</summary>
    public static string Artifacts { get; } = Path.Combine(Root, "artifacts");

    private static string Built(string project, string file) => Path.Combine(Root, project, "bin", Configuration, Metadata("Framework"), file);

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == key).Value!;
}
