using System.Globalization;
using System.Net;
using System.Text;
using Admission.Simulator;

namespace Admission.Cli.Simulate;

/// <summary>Draws what happened when: for each backend what was in use against the limit, the waits, and who went without.</summary>
internal sealed class ReplayPlot
{
    /// <summary>Backends that are drawn at most.</summary>
    private const int MostBackends = 8;
    private const int Width = 1000;
    private const int Left = 90;
    private const int Right = 190;
    private const int PanelHeight = 150;
    private const int Gap = 50;
    private const int Top = 60;

    private const string Blue = "#1f6fb4";
    private const string Grey = "#777777";
    private const string Orange = "#d9730d";
    private const string Red = "#c4314b";
    private const string Violet = "#7a4fb5";

    private readonly StringBuilder _svg = new();

    private ReplayPlot()
    {
    }

    /// <summary>The plot.</summary>
    public static string Svg(IReadOnlyList<BackendReport> backends)
    {
        var plot = new ReplayPlot();
        var drawn = backends.Take(MostBackends).ToArray();
        var height = Top;
        foreach (var (name, result) in drawn)
        {
            height = plot.Backend(height, backends.Count == MostBackends + 1 || backends.Count <= MostBackends ? name : $"{name} (the first {MostBackends} of {backends.Count})", result);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            {plot._svg}</svg>

            """);
    }

    private int Backend(int top, string name, ReplayResult result)
    {
        var buckets = result.Series.Buckets;
        var width = result.Series.Width.TotalSeconds;
        Text(Left, top - 30, name, "start", 16);
        Panel(top, "permits in use", result, [
            new("limit", Grey, [.. buckets.Select(bucket => bucket.Limit)]),
            new("in use (mean)", Blue, [.. buckets.Select(bucket => bucket.InUse)]),
        ]);
        top += PanelHeight + Gap;
        Panel(top, "wait, seconds", result, [
            new("longest", Orange, [.. buckets.Select(bucket => bucket.LongestWait.TotalSeconds)]),
            new("mean", Blue, [.. buckets.Select(bucket => bucket.MeanWait.TotalSeconds)]),
        ]);
        top += PanelHeight + Gap;
        Panel(top, "requests a second", result, [
            new("admitted", Blue, [.. buckets.Select(bucket => bucket.Admitted / width)]),
            new("refused", Red, [.. buckets.Select(bucket => bucket.Refused / width)]),
            new("left while waiting", Violet, [.. buckets.Select(bucket => bucket.Left / width)]),
        ]);
        return top + PanelHeight + Gap + 40;
    }

    private void Panel(int top, string title, ReplayResult result, Line[] lines)
    {
        var (right, bottom) = (Width - Right, top + PanelHeight);
        var most = NiceAbove(lines.SelectMany(line => line.Values).DefaultIfEmpty(0).Max());
        var end = result.Series.Width.TotalSeconds * result.Series.Buckets.Count;
        Text(Left, top - 8, title, "start");
        for (var i = 0; i <= 4; i++)
        {
            var y = bottom - (PanelHeight * i / 4.0);
            Add($"<line x1=\"{Left}\" x2=\"{right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\" stroke=\"#dddddd\"/>");
            Text(Left - 8, y + 4, Axis(most * i / 4), "end");
            Text(Left + ((right - Left) * i / 4.0), bottom + 16, $"{Axis(end * i / 4)} s", "middle");
        }

        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            Add($"<polyline fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"1.5\" points=\"{Points(line.Values, most, bottom, right - Left)}\"/>");
            Add($"<line x1=\"{right + 15}\" x2=\"{right + 35}\" y1=\"{top + 10 + (18 * i)}\" y2=\"{top + 10 + (18 * i)}\" stroke=\"{line.Colour}\" stroke-width=\"3\"/>");
            Text(right + 42, top + 14 + (18 * i), line.Name, "start");
        }
    }

    private static string Points(double[] values, double most, int bottom, int width)
    {
        var points = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            var x = Left + ((i + 0.5) * width / values.Length);
            points.Append(CultureInfo.InvariantCulture, $"{x:0.#},{bottom - (PanelHeight * values[i] / most):0.#} ");
        }

        return points.ToString().TrimEnd();
    }

    /// <summary>The next of 1, 2, 4, 8 times a power of ten, so that a quarter of it reads well.</summary>
    private static double NiceAbove(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 4, 8])
        {
            if (step * power >= value)
            {
                return step * power;
            }
        }

        return 10 * power;
    }

    private static string Axis(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.#" : "0.###", CultureInfo.InvariantCulture);

    private void Text(double x, double y, string text, string anchor, int size = 12) =>
        Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{WebUtility.HtmlEncode(text)}</text>");

    private void Add(FormattableString element) => _svg.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private sealed record Line(string Name, string Colour, double[] Values);
}
