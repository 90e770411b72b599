using System.Globalization;

namespace Admission.Cli.Simulate;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    public static string Time(TimeSpan time) => time.TotalSeconds switch
    {
        0 => "0",
        < 0.001 => Text($"{time.TotalMicroseconds:0} us"),
        < 1 => Text($"{Three(time.TotalMilliseconds)} ms"),
        < 600 => Text($"{Three(time.TotalSeconds)} s"),
        _ => Text($"{time.TotalMinutes:0.0} min"),
    };

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Number(double number) => number >= 1000 ? number.ToString("#,0", CultureInfo.InvariantCulture) : Three(number);

    public static string Percent(double part) => Text($"{100 * part:0.0} %");

    public static string Bytes(double bytes) => bytes switch
    {
        < 10_000 => Text($"{bytes:0} B"),
        < 10_000_000 => Text($"{bytes / 1024:0} KiB"),
        < 10_000_000_000 => Text($"{bytes / (1 << 20):0} MiB"),
        _ => Text($"{bytes / (1 << 30):0} GiB"),
    };

    private static string Three(double number) => number switch
    {
        0 => "0",
        < 1 => number.ToString("0.###", CultureInfo.InvariantCulture),
        < 10 => number.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => number.ToString("0.0", CultureInfo.InvariantCulture),
        _ => number.ToString("0", CultureInfo.InvariantCulture),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
