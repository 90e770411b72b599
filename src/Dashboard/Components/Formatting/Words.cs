using System.Globalization;

namespace Admission.Dashboard.Components.Formatting;

/// <summary>Numbers and times as people read them: short, and of about the same width whatever they are.</summary>
public static class Words
{
    /// <summary>What stands where nothing is known.</summary>
    public const string Unknown = "–";

    /// <summary>A count, with its thousands apart.</summary>
    /// <param name="count">The count; null where it is not known.</param>
    public static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>So many a second: two digits that count below ten, whole ones above.</summary>
    /// <param name="perSecond">The rate; null where it is not known.</param>
    public static string Rate(double? perSecond) => perSecond switch
    {
        null => Unknown,
        < 0.05 => "0",
        < 9.95 => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
        < 99_950 => perSecond.Value.ToString("N0", CultureInfo.InvariantCulture),
        _ => $"{(perSecond.Value / 1000).ToString("N0", CultureInfo.InvariantCulture)}k",
    };

    /// <summary>A part, in percent.</summary>
    /// <param name="part">The part, 1 for all; null where it is not known.</param>
    public static string Percent(double? part) => part is { } known ? $"{Math.Round(known * 100).ToString("N0", CultureInfo.InvariantCulture)} %" : Unknown;

    /// <summary>A time span.</summary>
    /// <param name="span">The span; null where it is not known.</param>
    public static string Span(TimeSpan? span) => span switch
    {
        null => Unknown,
        { Ticks: <= 0 } => "0",
        { TotalMilliseconds: < 0.95 } => "<1 ms",
        { TotalMilliseconds: < 999.5 } => $"{Rounded(span.Value.TotalMilliseconds, "0")} ms",
        { TotalSeconds: < 9.95 } => $"{Rounded(span.Value.TotalSeconds, "0.0")} s",
        { TotalSeconds: < 59.5 } => $"{Rounded(span.Value.TotalSeconds, "0")} s",
        { TotalMinutes: < 59.5 } => TwoUnits((long)Math.Round(span.Value.TotalSeconds), 60, "min", "s"),
        { TotalHours: < 23.99 } => TwoUnits((long)Math.Round(span.Value.TotalMinutes), 60, "h", "min"),
        _ => TwoUnits((long)Math.Round(span.Value.TotalHours), 24, "d", "h"),
    };

    /// <summary>How long ago, in whole seconds and larger.</summary>
    /// <param name="age">The age.</param>
    public static string Ago(TimeSpan age) => age.TotalSeconds < 1 ? "just now" : $"{Span(TimeSpan.FromSeconds(Math.Floor(age.TotalSeconds)), "0")} ago";

    /// <summary>An instant in full, for whoever looks twice.</summary>
    /// <param name="at">The instant.</param>
    public static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The time of day.</summary>
    /// <param name="at">The instant.</param>
    public static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A word of the protocol as people write it: <c>in-service</c> is <c>In service</c>.</summary>
    /// <param name="word">The word.</param>
    public static string Sentence(string word) => string.IsNullOrEmpty(word) ? Unknown : $"{char.ToUpperInvariant(word[0])}{word[1..].Replace('-', ' ')}";

    /// <summary>A count with its noun.</summary>
    /// <param name="count">The count.</param>
    /// <param name="one">The noun for one.</param>
    /// <param name="many">The noun for any other number; by default with an s.</param>
    public static string Of(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? $"{one}s")}";

    private static string Span(TimeSpan span, string seconds) => span.TotalSeconds < 59.5 ? $"{Rounded(span.TotalSeconds, seconds)} s" : Span(span);

    private static string TwoUnits(long small, int inLarge, string large, string name) =>
        small % inLarge == 0 ? $"{small / inLarge} {large}" : $"{small / inLarge} {large} {small % inLarge} {name}";

    private static string Rounded(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
