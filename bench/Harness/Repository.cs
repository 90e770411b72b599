using System.Reflection;

namespace Admission.Bench;

/// <summary>Where things lie.</summary>
public static class Repository
{
    public static string Root { get; } =
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "RepoRoot").Value!;

    /// <summary>Where the parts leave their results; not under version control.</summary>
    public static string Results { get; } = Path.Combine(Root, "artifacts/bench");

    /// <summary>A program of this repository as the part's script has built it, in Release.</summary>
    public static string Built(string project, string assembly) => Path.Combine(Root, project, "bin/Release/net10.0", assembly + ".dll");

    public static string Gateway { get; } = Built("src/Frontend", "Admission.Frontend");

    public static string Silo { get; } = Built("src/Silo", "Admission.Silo");
}
