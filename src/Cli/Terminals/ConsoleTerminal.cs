using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Admission.Cli.Terminals;

/// <summary>The terminal that the process was started from.</summary>
internal sealed class ConsoleTerminal : ITerminal
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    /// <summary>The terminal behind the output; null if it goes elsewhere, or to one that only writes on (TERM=dumb).</summary>
    public static ConsoleTerminal? Find(string? kind) => Console.IsOutputRedirected || kind == "dumb" ? null : new ConsoleTerminal();

    // Some terminals (and script(1)) say that they have no size.
    public (int Width, int Height) Size => (Console.WindowWidth is > 0 and var width ? width : UsualWidth, Console.WindowHeight is > 0 and var height ? height : UsualHeight);

    public IDisposable Listen(ChannelWriter<TerminalEvent> events)
    {
        if (!Console.IsInputRedirected)
        {
            // A read of a key cannot be ended; a thread in the background does not keep the process.
            new Thread(() => ReadKeys(events)) { IsBackground = true, Name = "keys" }.Start();
        }

        return OperatingSystem.IsWindows() ? new Nothing() : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => events.TryWrite(default));
    }

    private static void ReadKeys(ChannelWriter<TerminalEvent> events)
    {
        try
        {
            while (true)
            {
                _ = events.TryWrite(new TerminalEvent(Console.ReadKey(intercept: true)));
            }
        }
        catch (InvalidOperationException)
        {
            // The input has ended: nothing more will be pressed.
        }
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
