using Admission.Cli.Output;
using Admission.Cli.Simulate;

namespace Admission.Cli.Top;

/// <summary>Shows <c>top</c> on a whole terminal, on its other page, so that what was there before comes back.</summary>
internal sealed class TopScreen(TextWriter output, bool hasColours, string url) : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";

    /// <summary>Lines that are no backends: two above, one of titles, one empty, one below.</summary>
    private const int Around = 5;

    public static int PageOf(int height) => Math.Max(1, height - Around);

    /// <summary>Takes the terminal.</summary>
    public void Open() => output.Write(Enter);

    public void Dispose()
    {
        output.Write(Leave);
        output.Flush();
    }

    /// <summary>Draws it all anew.</summary>
    public void Draw(TopModel model, (int Width, int Height) size, DateTimeOffset now)
    {
        using var text = new StringWriter();
        text.Write("\e[H");
        var lines = Lines(model, size, now).ToList();
        for (var i = 0; i < Math.Min(lines.Count, size.Height); i++)
        {
            // Without a new line at the end, which would scroll.
            text.Write(i == 0 ? lines[i] : $"\r\n{lines[i]}");
            text.Write("\e[K");
        }

        text.Write("\e[J");
        output.Write(text);
        output.Flush();
    }

    private IEnumerable<string> Lines(TopModel model, (int Width, int Height) size, DateTimeOffset now)
    {
        var page = model.Page(PageOf(size.Height)).ToList();
        var inTrouble = model.Rows.Count(row => row.Level == Level.Bad);
        yield return Line($"admission top  {url}  {Ages.At(model.At)}  {model.Rows.Count} backends, {inTrouble} in trouble, by {Word(model.Sort)}", Level.None, size.Width);
        yield return model.AwaySince is { } since
            ? Line($"No answer since {Ages.At(since)} ({Ages.Of(Math.Floor((now - since).TotalSeconds))}): this is how it was. {model.Away}", Level.Bad, size.Width)
            : Line(Totals(model.Rows), Level.None, size.Width);
        yield return "";
        var selected = model.Rows.Count > 0 ? model.Rows[model.Selected] : null;
        using var text = new StringWriter();
        Renderer.Console(text, size.Width, hasColours).Write(TopTable.Make(page, model.LongestName, size.Width, selected, model.AwaySince is not null));
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            yield return line.TrimEnd();
        }

        var shown = model.Rows.Count > page.Count ? $"  {model.First + 1} to {model.First + page.Count} of {model.Rows.Count}" : "";
        yield return Line($"q quit  up/down move  s sort by {string.Join(", ", Enum.GetValues<TopSort>().Select(Word))}{shown}", Level.Faint, size.Width);
    }

    private static string Totals(IReadOnlyList<TopRow> rows) =>
        $"in use {Figures.Count(rows.Sum(row => row.Backend.InUse ?? 0))} of {Figures.Count(rows.Sum(row => row.Backend.Limit ?? 0))}, waiting {Figures.Count(rows.Sum(row => row.Backend.Waiting ?? 0))}, "
        + $"served {Figures.Number(rows.Sum(row => row.Backend.ServedPerSecond ?? 0))}/s, refused {Figures.Number(rows.Sum(row => row.Backend.RefusedPerSecond ?? 0))}/s";

    private static string Word(TopSort sort) => sort.ToString().ToLowerInvariant();

    private string Line(string text, Level level, int width)
    {
        using var line = new StringWriter();
        Renderer.Console(line, width, hasColours).Write(new Cell(text.Length <= width ? text : text[..width], level).ToText());
        return line.ToString().TrimEnd('\n');
    }
}
