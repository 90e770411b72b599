using Spectre.Console;

namespace Admission.Cli.Output;

/// <summary>A piece of text, and how bad it is.</summary>
/// <param name="Text">The text.</param>
/// <param name="Level">Decides the colour.</param>
internal readonly record struct Cell(string Text, Level Level = Level.None)
{
    public static implicit operator Cell(string text) => new(text);

    public static implicit operator Cell(int? number) => new(number is { } known ? Simulate.Figures.Count(known) : "-");

    /// <summary>For a table.</summary>
    public Text ToText() => new(Plain.Text(Text), Level switch
    {
        Level.Bad => new Style(Color.Red),
        Level.Watch => new Style(Color.Yellow),
        Level.Faint => new Style(decoration: Decoration.Dim),
        _ => Style.Plain,
    });
}

/// <summary>How much something asks to be looked at.</summary>
internal enum Level
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Less than the rest.</summary>
    Faint,

    /// <summary>It is worth a look.</summary>
    Watch,

    /// <summary>Something is wrong.</summary>
    Bad,
}
