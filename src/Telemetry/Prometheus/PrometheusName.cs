using System.Diagnostics.Metrics;
using System.Text;

namespace Admission.Telemetry.Prometheus;

/// <summary>What an instrument is called in Prometheus: by OpenTelemetry's rules for compatibility, with its unit, and <c>_total</c> where it only grows.</summary>
/// <remarks>See https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.</remarks>
internal static class PrometheusName
{
    private const string Total = "_total";

    /// <summary>The kind of an instrument.</summary>
    public static FamilyKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) ? FamilyKind.Counter
            : definition == typeof(Histogram<>) ? FamilyKind.Histogram
            : FamilyKind.Gauge;
    }

    /// <summary>The family's name, without the suffix of its samples; and its unit, empty for none.</summary>
    public static (string Name, string Unit) Of(string instrument, string? unit, FamilyKind kind)
    {
        var name = Sanitize(instrument);
        var words = UnitWords(unit, kind);
        name = kind == FamilyKind.Counter && name.EndsWith(Total, StringComparison.Ordinal) ? name[..^Total.Length] : name;
        if (words.Length > 0 && !name.EndsWith($"_{words}", StringComparison.Ordinal))
        {
            name = $"{name}_{words}";
        }

        return (name, words);
    }

    /// <summary>The name of a family's samples; a histogram has suffixes of its own.</summary>
    public static string Sample(string family, FamilyKind kind) => kind == FamilyKind.Counter ? family + Total : family;

    /// <summary>A name of letters, digits and single underscores that does not begin with a digit or end with an underscore.</summary>
    public static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                _ = text.Length == 0 && char.IsAsciiDigit(letter) ? text.Append('_').Append(letter) : text.Append(letter);
            }
            else if (text.Length == 0 || text[^1] != '_')
            {
                text.Append('_');
            }
        }

        return text.ToString().TrimEnd('_') is { Length: > 0 } sanitized ? sanitized : "_";
    }

    // Units in braces only say what is counted.
    private static string UnitWords(string? unit, FamilyKind kind)
    {
        if (string.IsNullOrEmpty(unit) || unit[0] == '{')
        {
            return "";
        }

        var per = unit.IndexOf('/', StringComparison.Ordinal);
        return per > 0 ? Sanitize($"{Word(unit[..per])}_per_{Singular(Word(unit[(per + 1)..]))}")
            : unit == "1" ? (kind == FamilyKind.Gauge ? "ratio" : "")
            : Sanitize(Word(unit));
    }

    private static string Singular(string word) => word.EndsWith('s') ? word[..^1] : word;

    private static string Word(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "%" => "percent",
        _ => unit,
    };
}
