using System.Threading.Channels;

namespace Orleans.Fallback.Network;

/// <summary>The frames that wait to be sent over one connection.</summary>
/// <remarks>
/// Requests and urgent frames have room of their own each, so that requests that wait never keep an answer out. One frame takes up half the room for urgent bytes
/// at most, however large it is.
/// </remarks>
internal sealed class OutgoingQueue
{
    private readonly Channel<(OutgoingFrame Frame, bool Urgent)> _channel =
        Channel.CreateUnbounded<(OutgoingFrame Frame, bool Urgent)>(new() { SingleReader = false });

    private readonly Room _requests = new(NetworkLimits.MaxQueuedFrames, NetworkLimits.MaxQueuedBytes);
    private readonly Room _urgent = new(2 * NetworkLimits.MaxQueuedFrames, 2 * NetworkLimits.MaxQueuedBytes);

    public enum Added
    {
        Yes,
        Full,
        Closed,
    }

    public ValueTask<bool> WaitAsync() => _channel.Reader.WaitToReadAsync();

    /// <summary>Adds a frame if there is room.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="urgent">Whether it goes into the room that is kept for answers.</param>
    public Added TryAdd(OutgoingFrame frame, bool urgent)
    {
        var room = urgent ? _urgent : _requests;
        if (!room.TryEnter(frame))
        {
            return Added.Full;
        }

        if (_channel.Writer.TryWrite((frame, urgent)))
        {
            return Added.Yes;
        }

        room.Leave(frame);
        return Added.Closed;
    }

    /// <summary>Takes the next frame.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out OutgoingFrame frame)
    {
        if (!_channel.Reader.TryRead(out var next))
        {
            frame = null;
            return false;
        }

        frame = next.Frame;
        (next.Urgent ? _urgent : _requests).Leave(frame);
        return true;
    }

    /// <summary>Takes no more frames.</summary>
    public void Close() => _channel.Writer.TryComplete();

    private sealed class Room(int frames, long bytes)
    {
        private int _frames;
        private long _bytes;

        public bool TryEnter(OutgoingFrame frame)
        {
            var entered = Interlocked.Increment(ref _frames) <= frames & Interlocked.Add(ref _bytes, Weight(frame)) <= bytes;
            if (!entered)
            {
                Leave(frame);
            }

            return entered;
        }

        public void Leave(OutgoingFrame frame)
        {
            _ = Interlocked.Decrement(ref _frames);
            _ = Interlocked.Add(ref _bytes, -Weight(frame));
        }

        private static long Weight(OutgoingFrame frame) => Math.Min(frame.Buffer.Length, NetworkLimits.MaxQueuedBytes);
    }
}
