using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Admission.Silo.Schema;

/// <summary>A step of the database's schema: a file of <c>src/Silo/Sql</c>.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Text">The statements.</param>
internal sealed record SchemaScript(int Version, string Name, string Text)
{
    /// <summary>The steps that this silo knows, in order.</summary>
    public static IReadOnlyList<SchemaScript> All { get; } = Load();

    /// <summary>Tells whether a file has been changed; how its lines end does not matter.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));

    private static SchemaScript[] Load()
    {
        var assembly = typeof(SchemaScript).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Select(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return new SchemaScript(int.Parse(name.AsSpan(0, name.IndexOf('_', StringComparison.Ordinal)), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
        }).OrderBy(script => script.Version)];
    }
}
