using System.Threading.Channels;

namespace Orleans.Fallback.Network;

/// <summary>The frames that wait to be sent over one connection.</summary>
internal sealed class OutgoingQueue
{
    private readonly Channel<OutgoingFrame> _channel = Channel.CreateUnbounded<OutgoingFrame>(new() { SingleReader = false });
    private long _bytes;
    private int _count;

    public enum Added
    {
        Yes,
        Full,
        Closed,
    }

    public ValueTask<bool> WaitAsync() => _channel.Reader.WaitToReadAsync();

    /// <summary>Adds a frame if there is room.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="urgent">Whether it may use the room that is kept for answers.</param>
    public Added TryAdd(OutgoingFrame frame, bool urgent)
    {
        var factor = urgent ? 2 : 1;
        var count = Interlocked.Increment(ref _count);
        var bytes = Interlocked.Add(ref _bytes, frame.Buffer.Length);
        if (count > 1 && (count > factor * NetworkLimits.MaxQueuedFrames || bytes > factor * NetworkLimits.MaxQueuedBytes))
        {
            Forget(frame);
            return Added.Full;
        }

        if (_channel.Writer.TryWrite(frame))
        {
            return Added.Yes;
        }

        Forget(frame);
        return Added.Closed;
    }

    /// <summary>Takes the next frame.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out OutgoingFrame frame)
    {
        if (!_channel.Reader.TryRead(out frame))
        {
            return false;
        }

        Forget(frame);
        return true;
    }

    /// <summary>Takes no more frames.</summary>
    public void Close() => _channel.Writer.TryComplete();

    private void Forget(OutgoingFrame frame)
    {
        _ = Interlocked.Decrement(ref _count);
        _ = Interlocked.Add(ref _bytes, -frame.Buffer.Length);
    }
}
