using System.Globalization;
using Admission.Cli.Output;
using Admission.Cli.Simulate;
using Spectre.Console;

namespace Admission.Cli.Top;

/// <summary>The rows of <c>top</c> as a table: as many columns as there is room for.</summary>
internal static class TopTable
{
    private const int BarWidth = 10;

    /// <summary>Fewer columns than that for what is wrong say nothing.</summary>
    private const int LeastTrouble = 12;

    /// <summary>Most words for what is wrong have room in that.</summary>
    private const int Words = 40;

    private const int LeastName = 10;

    private static readonly Column[] Columns =
    [
        new("#use", 6, 2, static row => new Cell(row.Backend.Utilisation is { } share ? Percent(share) : "-", row.Backend.Utilisation >= 1 ? Level.Watch : Level.None)),
        new("", BarWidth + 2, 5, static row => Bar(row.Backend.Utilisation)),
        new("#limit", 7, 1, static row => row.Backend.Limit),
        new("#in use", 7, 2, static row => row.Backend.InUse),
        new("#waiting", 7, 0, static row => new Cell(Number(row.Backend.Waiting), row.Backend.Waiting > 0 ? Level.Watch : Level.None)),
        new("#places", 7, 7, static row => row.Backend.QueueCapacity),
        new("#served/s", 8, 4, static row => Rate(row.Backend.ServedPerSecond)),
        new("#refused/s", 9, 0, static row => new Cell(Rate(row.Backend.RefusedPerSecond), row.Backend.RefusedPerSecond > 0.005 ? Level.Bad : Level.None)),
        new("#wait p50", 8, 6, static row => Ages.Of(row.Backend.WaitP50)),
        new("#p99", 8, 3, static row => Ages.Of(row.Backend.WaitP99)),
    ];

    /// <summary>Makes it.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="longest">The longest name of a backend, also of those that are not shown.</param>
    /// <param name="width">The columns of the terminal; null for as many as it takes.</param>
    /// <param name="selected">The reader's row; null for none.</param>
    /// <param name="faint">It is old.</param>
    public static Table Make(IEnumerable<TopRow> rows, int longest, int? width, TopRow? selected, bool faint)
    {
        var names = Math.Clamp(longest + 2, LeastName, width is { } all ? Math.Max(LeastName, all / 3) : int.MaxValue) + 2;
        var shown = Fit(width - names);
        var left = width - names - shown.Sum(column => column.Width + 2) - 2;
        var trouble = left is null or >= LeastTrouble;
        IReadOnlyList<string> titles =
        [
            (selected is null ? "backend" : "  backend").PadRight(width is null ? 0 : names - 2), .. shown.Select(column => $"{(column.IsFigure ? "#" : "")}{column.Pad(column.Title.TrimStart('#'), width)}"),
            .. trouble ? ["trouble"] : Array.Empty<string>(),
        ];
        return Sheet.Make(titles, rows.Select(row => (IReadOnlyList<Cell>)
        [
            .. new[] { new Cell(Cut((selected is null ? "" : row == selected ? "> " : "  ") + row.Backend.Id, names - 2), row.Level) }
                .Concat(shown.Select(column => column.CellOf(row, width)))
                .Concat(trouble ? [new Cell(Cut(row.Words, left ?? int.MaxValue), row.Level)] : [])
                .Select(cell => faint ? cell with { Level = Level.Faint } : cell),
        ]));
    }

    // The least important first, until it fits; what is wrong says more than places, medians and rates of what goes well.
    private static IReadOnlyList<Column> Fit(int? width)
    {
        var shown = Columns.ToList();
        LeaveOut(Words, 4);
        LeaveOut(0, 1);
        return shown;

        void LeaveOut(int rest, int from)
        {
            while (shown.Sum(column => column.Width + 2) + rest > width && shown.Exists(column => column.Dispensable >= from))
            {
                shown.Remove(shown.MaxBy(column => column.Dispensable)!);
            }
        }
    }

    private static Cell Bar(double? share)
    {
        var full = (int)Math.Round(BarWidth * Math.Clamp(share ?? 0, 0, 1));
        return new Cell($"[{new string('|', full)}{new string(' ', BarWidth - full)}]", share >= 1 ? Level.Watch : Level.None);
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : width <= 3 ? text[..Math.Max(0, width)] : text[..(width - 3)] + "...";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");

    private static string Number(int? number) => number is { } known ? Figures.Count(known) : "-";

    private static string Rate(double? rate) => rate is { } known ? Figures.Number(Math.Round(known, 2)) : "-";

    /// <summary>A column.</summary>
    /// <param name="Title">Its title, as <see cref="Sheet"/> has it.</param>
    /// <param name="Width">The room that it takes.</param>
    /// <param name="Dispensable">0 for never left out; the higher, the sooner.</param>
    /// <param name="Cell">What stands in it.</param>
    private sealed record Column(string Title, int Width, int Dispensable, Func<TopRow, Cell> Cell)
    {
        public Cell CellOf(TopRow row, int? terminal)
        {
            var cell = Cell(row);
            return cell with { Text = Pad(cell.Text, terminal) };
        }

        public bool IsFigure => Title.StartsWith('#');

        /// <summary>As wide as the column, so that nothing moves when figures change; on a terminal only.</summary>
        public string Pad(string text, int? terminal) => terminal is null ? text : IsFigure ? text.PadLeft(Width) : text.PadRight(Width);
    }
}
