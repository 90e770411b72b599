using System.Globalization;
using System.Text;
using Attribute = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Admission.Telemetry.Prometheus;

/// <summary>Finds a row by the attributes of a measurement without making an object, and writes them as labels.</summary>
internal sealed class AttributeSet : IEqualityComparer<Attribute[]>, IAlternateEqualityComparer<ReadOnlySpan<Attribute>, Attribute[]>
{
    public static AttributeSet Comparer { get; } = new();

    public bool Equals(Attribute[]? x, Attribute[]? y) => x is null ? y is null : y is not null && Equals(x.AsSpan(), y);

    public int GetHashCode(Attribute[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<Attribute> alternate, Attribute[] other)
    {
        if (alternate.Length != other.Length)
        {
            return false;
        }

        for (var i = 0; i < other.Length; i++)
        {
            if (!string.Equals(alternate[i].Key, other[i].Key, StringComparison.Ordinal) || !Equals(alternate[i].Value, other[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<Attribute> alternate)
    {
        var hash = default(HashCode);
        foreach (var (key, value) in alternate)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    public Attribute[] Create(ReadOnlySpan<Attribute> alternate) => alternate.ToArray();

    /// <summary>As labels, without braces, in the order of their names. Attributes whose names come to the same label share it, their values joined by a semicolon.</summary>
    public static string ToLabels(ReadOnlySpan<Attribute> attributes)
    {
        if (attributes.IsEmpty)
        {
            return "";
        }

        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in attributes)
        {
            var (name, text) = (PrometheusName.Sanitize(key), Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            labels[name] = labels.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        var written = new StringBuilder();
        foreach (var (name, text) in labels)
        {
            written.Append(written.Length > 0 ? "," : "").Append(name).Append("=\"");
            AppendEscaped(written, text, quotes: true);
            written.Append('"');
        }

        return written.ToString();
    }

    /// <summary>Escapes what would end a line or a value.</summary>
    public static void AppendEscaped(StringBuilder into, string text, bool quotes)
    {
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '\\' => into.Append("\\\\"),
                '\n' => into.Append("\\n"),
                '"' when quotes => into.Append("\\\""),
                _ => into.Append(letter),
            };
        }
    }
}
