using Microsoft.Extensions.Configuration;

namespace Admission.Cli.Check;

/// <summary>One configuration out of a file, as .NET reads it.</summary>
/// <param name="Name">The file; with the key where it is one of several in a ConfigMap.</param>
/// <param name="Settings">What it says, by path.</param>
internal sealed record ConfigLayer(string Name, IReadOnlyDictionary<string, string?> Settings)
{
    /// <summary>The most that a file may have.</summary>
    private const long Largest = 16 << 20;

    /// <summary>Whether it says anything at or below a path.</summary>
    public bool Has(string path) => Settings.Keys.Any(key =>
        key.StartsWith(path, StringComparison.OrdinalIgnoreCase) && (key.Length == path.Length || key[path.Length] == ':'));

    /// <summary>Reads a file.</summary>
    /// <returns>What it has, or why it cannot be read.</returns>
    public static (IReadOnlyList<ConfigLayer> Layers, Mistake? Mistake) Read(string file)
    {
        if (file.Length == 0)
        {
            return ([], new Mistake(file, null, "the name of a file is empty."));
        }

        try
        {
            var info = new FileInfo(file);
            if (info.Exists && info.Length > Largest)
            {
                return ([], new Mistake(file, null, "it is larger than 16 MiB, which no configuration is."));
            }

            var text = File.ReadAllText(file);
            return Path.GetExtension(file).ToLowerInvariant() is ".yaml" or ".yml" ? ConfigMaps.Read(file, text) : Parse(file, text);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return ([], new Mistake(file, null, unreadable is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : unreadable.Message));
        }
    }

    /// <summary>Reads JSON, with comments and trailing commas as .NET takes them.</summary>
    public static (IReadOnlyList<ConfigLayer> Layers, Mistake? Mistake) Parse(string name, string text)
    {
        try
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            var settings = new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable().Where(entry => entry.Value is not null || entry.Key.Length > 0)
                .ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.OrdinalIgnoreCase);
            return ([new ConfigLayer(name, settings)], null);
        }
        catch (Exception wrong) when (wrong is System.Text.Json.JsonException or FormatException or InvalidDataException)
        {
            return ([], new Mistake(name, null, (wrong.InnerException ?? wrong).Message));
        }
    }
}
