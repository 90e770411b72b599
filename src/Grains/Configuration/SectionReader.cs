using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Admission.Grains.Configuration;

/// <summary>
/// Reads one section strictly: each value that does not parse and each key that nobody asked for is an error with its path. Nothing is clamped.
/// </summary>
internal sealed class SectionReader(IConfigurationSection section, List<string> errors)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string Path => section.Path;

    /// <summary>Whether the section has anything in it.</summary>
    public bool IsGiven => section.Exists();

    public bool Has(string key) => section.GetSection(Ask(key)).Exists();

    public void Error(string key, string message) => errors.Add($"{(key.Length == 0 ? section.Path : $"{section.Path}:{key}")}: {message}");

    public SectionReader Child(string key) => new(section.GetSection(Ask(key)), errors);

    /// <summary>Reads another section, such as one that was written in a shorter form; mistakes go to the same list.</summary>
    public SectionReader Over(IConfigurationSection other) => new(other, errors);

    /// <summary>The names under a key.</summary>
    public IEnumerable<(string Name, SectionReader Reader)> Children(string key) =>
        section.GetSection(Ask(key)).GetChildren().Select(child => (child.Key, new SectionReader(child, errors)));

    /// <summary>All values under a key, or of the whole section for an empty one, by their paths below it. Asks for nothing: what nobody else asks for stays unknown.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Values(string key) =>
        (key.Length == 0 ? section : section.GetSection(key)).AsEnumerable(makePathsRelative: true).Where(entry => entry.Key.Length > 0);

    /// <summary>Mistakes found so far, here and elsewhere.</summary>
    public int ErrorCount => errors.Count;

    /// <summary>This section's own value, for those that may be a value or a section.</summary>
    public string? Value => section.Value;

    public string? Text(string key)
    {
        var child = section.GetSection(Ask(key));
        if (child.Value is null && child.GetChildren().Any())
        {
            Error(key, "a section is given where a value belongs.");
        }

        return child.Value;
    }

    public int? Count(string key) => Parse<int>(key, TryCount, "Write a whole number.");

    public long? Bytes(string key) => Parse<long>(key, ByteSizes.TryParse, ByteSizes.Forms);

    public TimeSpan? Duration(string key) => Parse<TimeSpan>(key, Durations.TryParse, Durations.Forms);

    /// <summary>A whole number between bounds, or the default.</summary>
    public int Count(string key, int otherwise, int least, int most)
    {
        var count = Count(key) ?? otherwise;
        if (count < least || count > most)
        {
            Error(key, $"{count} is not possible. Give a whole number from {least} to {most}.");
        }

        return count;
    }

    /// <summary>A duration between bounds, or the default.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        var duration = Duration(key) ?? otherwise;
        if (duration < least || duration > most)
        {
            Error(key, $"{duration:c} is not possible. Give a duration from {least:c} to {most:c}.");
        }

        return duration;
    }

    public bool? Switch(string key) => Parse<bool>(key, bool.TryParse, "Write true or false.");

    /// <summary>A name out of a list; each comes with what it stands for.</summary>
    public T? Choice<T>(string key, params (string Name, T Value)[] choices)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        foreach (var (name, value) in choices)
        {
            if (string.Equals(name, text.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        var names = choices.Select(choice => choice.Name).ToArray();
        Error(key, $"'{text}' is not possible. Choose {string.Join(" or ", names)}.{Spelling.DidYouMean(text, names)}");
        return null;
    }

    /// <summary>Reports what nobody has asked for.</summary>
    public void RefuseTheRest(params string[] alsoKnown)
    {
        foreach (var child in section.GetChildren())
        {
            if (!_known.Contains(child.Key) && !alsoKnown.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add($"{child.Path}: there is no such setting.{Spelling.DidYouMean(child.Key, _known)} Known here: {string.Join(", ", _known)}.");
            }
        }
    }

    private delegate bool Parser<T>(string text, out T value);

    private T? Parse<T>(string key, Parser<T> parser, string forms)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (parser(text, out var value))
        {
            return value;
        }

        Error(key, $"'{text}' is not understood. {forms}");
        return null;
    }

    private static bool TryCount(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);

    private string Ask(string key)
    {
        _known.Add(key);
        return key;
    }
}
