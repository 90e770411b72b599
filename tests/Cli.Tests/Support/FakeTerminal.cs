using System.Threading.Channels;
using Admission.Cli.Terminals;

namespace Admission.Cli.Tests.Support;

/// <summary>A terminal whose keys a test presses.</summary>
internal sealed class FakeTerminal : ITerminal
{
    private readonly TaskCompletionSource<ChannelWriter<TerminalEvent>> _events = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public (int Width, int Height) Size { get; set; } = (120, 24);

    public IDisposable Listen(ChannelWriter<TerminalEvent> events)
    {
        _events.SetResult(events);
        return new MemoryStream();
    }

    public async Task PressAsync(ConsoleKey key) => await (await _events.Task.WaitAsync(TimeSpan.FromSeconds(30))).WriteAsync(new TerminalEvent(Key(key)));

    public async Task ResizeAsync(int width, int height)
    {
        Size = (width, height);
        await (await _events.Task.WaitAsync(TimeSpan.FromSeconds(30))).WriteAsync(default);
    }

    public static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: false);
}
