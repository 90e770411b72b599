using Spectre.Console;

namespace Admission.Cli.Output;

/// <summary>Turns what is to be shown into text.</summary>
internal static class Renderer
{
    /// <summary>A console that writes into a text.</summary>
    /// <param name="text">Takes it.</param>
    /// <param name="width">Columns.</param>
    /// <param name="hasColours">Whether there are colours.</param>
    public static IAnsiConsole Console(TextWriter text, int width, bool hasColours)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        return console;
    }
}
