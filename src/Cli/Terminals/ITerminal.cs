using System.Threading.Channels;

namespace Admission.Cli.Terminals;

/// <summary>A terminal: how large it is, and what is pressed.</summary>
internal interface ITerminal
{
    /// <summary>Columns and lines at present.</summary>
    (int Width, int Height) Size { get; }

    /// <summary>Begins to listen for keys and for changes of the size.</summary>
    /// <param name="events">Takes them; what does not fit in is lost.</param>
    /// <returns>Ends the listening.</returns>
    IDisposable Listen(ChannelWriter<TerminalEvent> events);
}

/// <summary>Something that happened at a terminal.</summary>
/// <param name="Key">The key that was pressed; null where the size has changed.</param>
internal readonly record struct TerminalEvent(ConsoleKeyInfo? Key);
