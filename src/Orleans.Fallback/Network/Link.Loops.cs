using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <content>The two loops, and how frames are made.</content>
internal sealed partial class Link
{
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(2);

    private async Task ReadAsync(PipeReader input)
    {
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                while (Frames.TryRead(ref buffer, context, out var header, out var body))
                {
                    OnFrame(header, body);
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                {
                    return;
                }
            }
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private void OnFrame(FrameHeader header, in ReadOnlySequence<byte> body)
    {
        switch (header.Kind)
        {
            case FrameKind.Request:
                context.Handler.OnRequest(this, header, body);
                break;
            case FrameKind.Result:
                if (TryTakePending(header.Id, out var answer))
                {
                    answer.Complete(context.Serializer, body);
                }

                break;
            case FrameKind.Failure:
                if (TryTakePending(header.Id, out var failed))
                {
                    failed.Fail(context.Serializer, body);
                }

                break;
            case FrameKind.Acknowledged:
                if (_pending.TryGetValue(header.Id, out var asked))
                {
                    asked.Acknowledge();
                }

                break;
            case FrameKind.Cancel:
                if (_incoming.TryRemove(header.Id, out var request))
                {
                    request?.Cancel(header.Drop, header.CancelToken);
                }

                break;
            case FrameKind.Goodbye:
                HearGoodbye();
                break;
            case FrameKind.GoodbyeHeard:
                _ = _goodbyeHeard.TrySetResult();
                break;
            default:
                context.Handler.OnFrame(this, header);
                break;
        }
    }

    private void HearGoodbye()
    {
        var frame = Frame(new() { Kind = FrameKind.GoodbyeHeard });
        lock (_gate)
        {
            // Whoever adds a request does so under this lock, before this frame or not at all.
            _retiring = true;
            if (_queue.TryAdd(new OutgoingFrame(frame), urgent: true) == OutgoingQueue.Added.Yes)
            {
                return;
            }
        }

        // The other side waits for it only so long.
        frame.Dispose();
    }

    private async Task WriteAsync(PipeWriter output)
    {
        try
        {
            while (await _queue.WaitAsync())
            {
                while (_queue.TryTake(out var frame))
                {
                    using (frame.Buffer)
                    {
                        if (Departs(frame) && !await TryWriteAsync(output, frame.Buffer.Written))
                        {
                            return;
                        }
                    }
                }

                if (IsOver(await output.FlushAsync()))
                {
                    return;
                }
            }
        }
        finally
        {
            await output.CompleteAsync();
        }
    }

    private static bool IsOver(FlushResult result) => result.IsCompleted || result.IsCanceled;

    private static async ValueTask<bool> TryWriteAsync(PipeWriter output, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = bytes[..Math.Min(bytes.Length, FlushSize)];
            output.Write(part.Span);
            bytes = bytes[part.Length..];
            if (output.UnflushedBytes >= FlushSize && IsOver(await output.FlushAsync()))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a frame is still to be sent: a request may have been cancelled, or be too late.</summary>
    private bool Departs(OutgoingFrame frame)
    {
        if (frame.Request is not { } request
            || request.TryDepart(context.Time, (drop, cancelToken) => Cancel(frame.Id, drop, cancelToken)))
        {
            return true;
        }

        _ = TryTakePending(frame.Id, out _);
        return false;
    }

    private void Cancel(long id, bool drop, bool cancelToken)
    {
        if (TryTakePending(id, out _))
        {
            Tell(new() { Kind = FrameKind.Cancel, Id = id, Drop = drop, CancelToken = cancelToken });
        }
    }

    /// <summary>An answer cannot be dropped: its caller would wait in vain. A peer that takes none is as good as gone.</summary>
    private void SendUrgent(FrameBuffer frame)
    {
        var added = _queue.TryAdd(new OutgoingFrame(frame), urgent: true);
        if (added == OutgoingQueue.Added.Yes)
        {
            return;
        }

        frame.Dispose();
        if (added == OutgoingQueue.Added.Full)
        {
            Close(new ConnectionAbortedException("The other side does not take the answers that wait for it."));
        }
    }

    private FrameBuffer Request(Request request, RemoteMethod method, long id, long version)
    {
        var left = request.Deadline == 0
            ? TimeSpan.Zero
            : context.Time.GetElapsedTime(context.Time.GetTimestamp(), request.Deadline);
        var frame = new FrameBuffer(context.Limits);
        try
        {
            Frames.WriteHeader(frame, context.Serializer, new()
            {
                Kind = FrameKind.Request,
                Id = id,
                Target = request.Target,
                Interface = method.Interface,
                Method = method.Name,
                TimeLeft = request.Deadline != 0 && left <= TimeSpan.Zero ? TimeSpan.FromTicks(1) : left,
                Version = version,
                Hops = request.Hops + 1,
            });
            context.Serializer.WriteAll(frame, method.Arguments, request.Arguments);
            frame.Complete();
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    private FrameBuffer FailureFrame(long id, Exception exception)
    {
        var header = new FrameHeader { Kind = FrameKind.Failure, Id = id };
        var slot = context.Serializer.SlotOf(typeof(Exception));
        try
        {
            return Frame(header, slot, exception);
        }
        catch (Exception failure) when (failure is NotSupportedException or OrleansException)
        {
            // What the exception carries cannot be sent; its type and message can.
            return Frame(header, slot, new RemoteException(exception.GetType().ToString(), exception.Message, inner: null));
        }
    }

    private FrameBuffer Frame(FrameHeader header, Slot? slot = null, object? value = null) =>
        Frames.Write(context.Serializer, context.Limits, header, slot, value);

    private async Task DrainedAsync(CancellationToken cancellation)
    {
        // In this order: an answer is counted before its request leaves _incoming.
        while ((!_incoming.IsEmpty || Volatile.Read(ref _answering) != 0 || !_pending.IsEmpty) && !_closed.Task.IsCompleted)
        {
            await Task.Delay(DrainStep, context.Time, cancellation);
        }
    }

    private void CountDropped(MethodShape method, GrainId target)
    {
        var dropped = Interlocked.Increment(ref _dropped);
        if (System.Numerics.BitOperations.IsPow2(dropped))
        {
            LogDropped(method, target, Peer, dropped);
        }
    }

    [LoggerMessage(9201, LogLevel.Information, "The connection to {Peer} has ended: {Cause}")]
    private partial void LogClosed(Peer peer, string cause);

    [LoggerMessage(9202, LogLevel.Warning,
        "Dropped {Method} to {Target}: too much waits to be sent to {Peer}. It is number {Count} on this connection")]
    private partial void LogDropped(MethodShape method, GrainId target, Peer peer, long count);

    [LoggerMessage(9203, LogLevel.Warning,
        "The connection to {Peer} is closed although {Incoming} requests that came and {Outgoing} that went have no answer yet")]
    private partial void LogNotDrained(Peer peer, int incoming, int outgoing);
}
