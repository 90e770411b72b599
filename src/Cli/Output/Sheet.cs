using Spectre.Console;

namespace Admission.Cli.Output;

/// <summary>Prints lines and tables for people, in columns that can be cut and searched too: no frames, nothing wrapped or cut off, colours only where something is wrong.</summary>
/// <param name="output">Takes them.</param>
/// <param name="hasColours">The output is a terminal that wants colours.</param>
internal sealed class Sheet(TextWriter output, bool hasColours)
{
    /// <summary>Wider than anything: a line that is too long for a terminal goes on in the next one, and nothing is lost.</summary>
    private const int Width = 10_000;

    /// <summary>Prints a line.</summary>
    public void Line(string text = "") => output.WriteLine(Plain.Text(text));

    /// <summary>Prints a line in the colour of a level.</summary>
    public void Line(Cell text) => Write(text.ToText());

    /// <summary>Prints a table.</summary>
    /// <param name="titles">Its titles; one that begins with <c>#</c> is of figures, which stand at the right.</param>
    /// <param name="rows">Its rows.</param>
    public void Table(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<Cell>> rows) => Write(Make(titles, rows));

    /// <summary>A table as this sheet has them.</summary>
    public static Table Make(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<Cell>> rows)
    {
        var table = new Table().NoBorder();
        foreach (var title in titles)
        {
            var column = new TableColumn(new Text(title.TrimStart('#').ToUpperInvariant())) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) };
            table.AddColumn(title.StartsWith('#') ? column.RightAligned() : column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => cell.ToText()));
        }

        return table;
    }

    /// <summary>Prints anything.</summary>
    public void Write(Spectre.Console.Rendering.IRenderable what)
    {
        using var text = new StringWriter();
        var console = Renderer.Console(text, Width, hasColours);
        console.Write(what);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }
    }
}
