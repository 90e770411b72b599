using System.Globalization;

namespace Admission.Grains.Configuration;

/// <summary>Durations as people write them: <c>500ms</c>, <c>2s</c>, <c>1.5m</c>, <c>1h</c>, <c>1d</c>, or <c>00:00:02</c>.</summary>
internal static class Durations
{
    /// <summary>What is accepted, for messages.</summary>
    public const string Forms = "Write a duration such as 500ms, 2s, 1m, 1h or 00:00:02.";

    private static readonly (string Suffix, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), // before "s" and "m"
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Reads a duration. A bare number is refused, because .NET would take it for days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        text = text.Trim();
        foreach (var (suffix, ticks) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                // Without thousands separators: "1,5s" is not fifteen seconds.
                var number = text.AsSpan(0, text.Length - suffix.Length).TrimEnd();
                return decimal.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
                    && TryMultiply(count, ticks, out duration);
            }
        }

        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
    }

    private static bool TryMultiply(decimal count, long ticks, out TimeSpan duration)
    {
        duration = default;
        if (Math.Abs(count) > long.MaxValue / ticks)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(count * ticks));
        return true;
    }
}
