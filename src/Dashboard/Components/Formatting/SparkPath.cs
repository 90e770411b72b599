using System.Globalization;
using System.Text;
using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Formatting;

/// <summary>A backend's line of 15 minutes as paths of an SVG: one for what was in use, one for the limit, one for refusals.</summary>
/// <param name="InUse">The area under what was in use.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Refused">A tick for each point with refusals.</param>
/// <param name="Words">It all in a sentence.</param>
public sealed record SparkPath(string InUse, string Limit, string Refused, string Words)
{
    /// <summary>The picture's width.</summary>
    public const int Width = 180;

    /// <summary>The picture's height.</summary>
    public const int Height = 32;

    // Ticks stand below the line.
    private const int Ground = Height - 4;

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    /// <summary>Nothing to draw.</summary>
    public static SparkPath Empty { get; } = new("", "", "", "No history yet");

    /// <summary>Draws a line.</summary>
    /// <param name="line">The points, the oldest first.</param>
    public static SparkPath Of(IReadOnlyList<LinePoint> line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.Count == 0)
        {
            return Empty;
        }

        var most = Math.Max(1, line.Max(static point => Math.Max(point.Limit, point.InUse)));
        var end = line[^1].At;
        var inUse = new StringBuilder();
        var limit = new StringBuilder();
        var refused = new StringBuilder();
        var last = 0.0;
        DateTimeOffset? before = null;
        foreach (var point in line)
        {
            var x = Width * (1 - ((end - point.At) / Length));
            if (x < 0)
            {
                continue;
            }

            // Where points are missing, nobody knows what was: there is a gap, and no line across it.
            var begins = before is null || point.At - before > 2 * LinePoint.Length;
            if (begins)
            {
                Close(inUse, last);
                Add(inUse, 'M', x, Ground);
            }

            Add(inUse, 'L', x, Y(point.InUse, most));
            Add(limit, begins ? 'M' : 'L', x, Y(point.Limit, most));
            if (point.Refused > 0)
            {
                Add(refused, 'M', x, Height - 0.5);
                refused.Append("v-3");
            }

            last = x;
            before = point.At;
        }

        Close(inUse, last);
        return new SparkPath(inUse.ToString(), limit.ToString(), refused.ToString(), Describe(line));
    }

    private static double Y(int value, int most) => Ground - ((Ground - 2.0) * value / most);

    private static void Close(StringBuilder path, double x)
    {
        if (path.Length > 0)
        {
            Add(path, 'L', x, Ground);
            path.Append('Z');
        }
    }

    private static void Add(StringBuilder path, char command, double x, double y) =>
        path.Append(command).Append(Number(x)).Append(' ').Append(Number(y));

    private static string Number(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Describe(IReadOnlyList<LinePoint> line)
    {
        var refused = line.Sum(static point => (long)point.Refused);
        return $"Last 15 minutes: at most {Formatting.Words.Count(line.Max(static point => point.InUse))} in use and {Formatting.Words.Count(line.Max(static point => point.Waiting))} waiting, {Formatting.Words.Count(refused)} refused";
    }
}
