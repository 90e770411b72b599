using System.Text.Json;

namespace Admission.Bench;

/// <summary>What one part of <c>bench/run</c> found: its tables, plots and goals. <c>bench/Report</c> writes them into docs/performance.md.</summary>
/// <param name="Part">The part's name, as in <c>bench/run NAME</c>.</param>
public sealed record PartResult(string Part)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The machine, as far as it matters.</summary>
    public string Machine { get; init; } = Bench.Machine.Describe();

    /// <summary>How often each thing was measured; fewer than three times is a first look, and said to be.</summary>
    public int Rounds { get; init; } = Bench.Rounds.Count;

    /// <summary>Rounds and seconds: what a reader needs to judge the spread.</summary>
    public string Settings { get; init; } = "";

    public List<ResultTable> Tables { get; init; } = [];

    public List<ResultPlot> Plots { get; init; } = [];

    public List<ResultGoal> Goals { get; init; } = [];

    /// <summary>Sentences under the tables.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>Writes the result to <c>artifacts/bench/PART.json</c>, where the report finds it.</summary>
    public void Write()
    {
        var folder = Directory.CreateDirectory(Repository.Results);
        File.WriteAllText(Path.Combine(folder.FullName, Part + ".json"), JsonSerializer.Serialize(this, Indented));
    }

    public static PartResult Read(string path) =>
        JsonSerializer.Deserialize<PartResult>(File.ReadAllText(path)) ?? throw new InvalidDataException($"{path} has no result.");
}

/// <summary>A table: each row has as many cells as there are columns. Cells may be Markdown.</summary>
public sealed record ResultTable(string Title, string[] Columns, List<string[]> Rows)
{
    public void Add(params string[] cells) =>
        Rows.Add(cells.Length == Columns.Length ? cells : throw new ArgumentException($"'{Title}' has {Columns.Length} columns, not {cells.Length}.", nameof(cells)));
}

/// <summary>A plot, drawn to <c>docs/images/bench-FILE.svg</c>: lines over numbers, or bars over names.</summary>
/// <param name="File">The name of the file, without folder, prefix and ending.</param>
/// <param name="Title">What is seen.</param>
/// <param name="X">What the horizontal axis has, with its unit.</param>
/// <param name="Y">What the vertical axis has, with its unit.</param>
/// <param name="Series">Lines, or bars side by side.</param>
public sealed record ResultPlot(string File, string Title, string X, string Y, List<ResultSeries> Series)
{
    /// <summary>For bars: the names along the horizontal axis; a series has one value for each. Null for lines.</summary>
    public string[]? Categories { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic; then all its values are positive.</summary>
    public bool LogX { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; then all its values are positive.</summary>
    public bool LogY { get; init; }
}

/// <summary>One line, or the bars of one colour. For bars <paramref name="X"/> is empty.</summary>
public sealed record ResultSeries(string Name, double[] X, double[] Y);

/// <summary>A goal of the project, and whether this run met it.</summary>
public sealed record ResultGoal(string Goal, string Found, bool Met);
