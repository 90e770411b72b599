using System.Globalization;
using Admission.Cli.Simulate;

namespace Admission.Cli.Output;

/// <summary>Times as people read them.</summary>
internal static class Ages
{
    private const double SecondsOfAMinute = 60;
    private const double SecondsOfAnHour = 3600;
    private const double SecondsOfADay = 86_400;

    /// <summary>Seconds, as in <c>12.3 s</c> or <c>5 d</c>; a dash for null.</summary>
    public static string Of(double? seconds) => seconds switch
    {
        null => "-",
        < 10 * SecondsOfAMinute => Figures.Time(TimeSpan.FromSeconds(Math.Max(0, seconds.Value))),
        < 3 * SecondsOfAnHour => Text($"{seconds / SecondsOfAMinute:0} min"),
        < 3 * SecondsOfADay => Text($"{seconds / SecondsOfAnHour:0} h"),
        _ => Text($"{seconds / SecondsOfADay:0} d"),
    };

    /// <summary>How long ago, or until when.</summary>
    public static string Since(DateTimeOffset? at, DateTimeOffset now) => at is { } then ? then <= now ? $"{Of((now - then).TotalSeconds)} ago" : $"in {Of((then - now).TotalSeconds)}" : "-";

    /// <summary>A point in time, to the second, in universal time.</summary>
    public static string At(DateTimeOffset? at) => at is { } then ? then.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
