using System.Globalization;
using System.Security;
using System.Text;

namespace Admission.Bench.Report;

/// <summary>Draws a plot: lines over numbers, or bars over names, with the legend below. Readable on light and dark pages: it brings its own ground.</summary>
internal sealed class Svg
{
    private const int Width = 860;
    private const int Left = 80;
    private const int Right = 20;
    private const int Top = 50;
    private const int Panel = 300;

    // Colours that people with colour blindness can tell apart (Okabe and Ito, 2008).
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#000000"];

    private readonly StringBuilder _svg = new();
    private readonly ResultPlot _plot;
    private readonly Axis _y;

    private Svg(ResultPlot plot)
    {
        _plot = plot;
        _y = Axis.Over([.. plot.Series.SelectMany(series => series.Y)], plot.LogY);
    }

    public static string Of(ResultPlot plot)
    {
        var svg = new Svg(plot);
        svg.Frame();
        if (plot.Categories is { } categories)
        {
            svg.Bars(categories);
        }
        else
        {
            svg.Lines();
        }

        var height = svg.Legend();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            {svg._svg}</svg>

            """);
    }

    private static double Bottom => Top + Panel;

    private static double Breadth => Width - Left - Right;

    private double Y(double value) => Bottom - (Panel * Math.Clamp(_y.Place(value), 0, 1));

    private void Frame()
    {
        Text(Left, 24, _plot.Title, "start", 15);
        Text(Left - 60, Top - 10, _plot.Y, "start");
        Text(Left + (Breadth / 2), Bottom + 38, _plot.X, "middle");
        foreach (var mark in _y.Marks)
        {
            Add($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(mark):0.#}\" y2=\"{Y(mark):0.#}\" stroke=\"#dddddd\"/>");
            Text(Left - 8, Y(mark) + 4, Axis.Label(mark), "end");
        }
    }

    private void Lines()
    {
        var x = Axis.Over([.. _plot.Series.SelectMany(series => series.X)], _plot.LogX);
        foreach (var mark in x.Marks)
        {
            Text(Left + (Breadth * x.Place(mark)), Bottom + 18, Axis.Label(mark), "middle");
        }

        for (var i = 0; i < _plot.Series.Count; i++)
        {
            var series = _plot.Series[i];
            var points = series.X.Select((at, point) => (X: Left + (Breadth * x.Place(at)), Y: Y(series.Y[point]))).ToArray();
            Add($"<polyline fill=\"none\" stroke=\"{Colour(i)}\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(Pair))}\"/>");
            foreach (var (left, top) in points.Length <= 60 ? points : [])
            {
                Add($"<circle cx=\"{left:0.#}\" cy=\"{top:0.#}\" r=\"3\" fill=\"{Colour(i)}\"/>");
            }
        }
    }

    private void Bars(string[] categories)
    {
        var slot = Breadth / categories.Length;
        var bar = slot * 0.8 / _plot.Series.Count;
        for (var category = 0; category < categories.Length; category++)
        {
            Text(Left + (slot * (category + 0.5)), Bottom + 18, categories[category], "middle");
            for (var i = 0; i < _plot.Series.Count; i++)
            {
                var value = _plot.Series[i].Y[category];
                var left = Left + (slot * (category + 0.1)) + (bar * i);
                Add($"<rect x=\"{left:0.#}\" y=\"{Y(value):0.#}\" width=\"{bar * 0.95:0.#}\" height=\"{Bottom - Y(value):0.#}\" fill=\"{Colour(i)}\"/>");
                Text(left + (bar / 2), Y(value) - 4, Axis.Label(Math.Round(value, 3)), "middle", 10);
            }
        }
    }

    /// <summary>The names of the series, in rows; the height of the whole drawing.</summary>
    private double Legend()
    {
        var (left, top) = ((double)Left, Bottom + 64);
        for (var i = 0; i < _plot.Series.Count; i++)
        {
            var width = 34 + (7 * _plot.Series[i].Name.Length);
            if (left + width > Width - Right && left > Left)
            {
                (left, top) = (Left, top + 20);
            }

            Add($"<rect x=\"{left:0.#}\" y=\"{top - 9:0.#}\" width=\"14\" height=\"10\" fill=\"{Colour(i)}\"/>");
            Text(left + 20, top, _plot.Series[i].Name, "start");
            left += width;
        }

        return top + 20;
    }

    private static string Colour(int series) => Colours[series % Colours.Length];

    private static string Pair((double X, double Y) point) => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.#},{point.Y:0.#}");

    private void Text(double x, double y, string text, string anchor, int size = 12) =>
        Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"#333333\">{SecurityElement.Escape(text)}</text>");

    private void Add(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
