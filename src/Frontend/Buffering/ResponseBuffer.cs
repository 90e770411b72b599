using System.Buffers;
using System.IO.Pipelines;
using Admission.Frontend.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Buffering;

/// <summary>
/// Stands in for the response body while the backend is read: takes what the backend sends at the backend's speed, to a bound, and hands it to the client at
/// the client's. Once the client has left, it takes everything and drops it.
/// </summary>
/// <remarks>
/// <para>
/// While the client keeps up, which Kestrel's own 64 KB make likely, each write goes straight through and nothing is queued. A flush that does not end at once
/// starts the pump, and from then on writes are queued until the pump has caught up. Beyond the bound a write waits for the pump: the backend is read at the
/// client's pace.
/// </para>
/// <para>
/// The write that completes a response of known length is held back until <see cref="DrainAsync"/>, when the permit is back. Otherwise a client that asks
/// again as soon as it has its answer could be refused for the permit of its own last request.
/// </para>
/// <para>
/// Two parties: the writer (the forwarder), and the pump. <see cref="_gate"/>, which comes with the first pump, guards <see cref="_pumping"/>; only the writer sets it,
/// only the pump clears it, and whoever owns it owns the client's pipe.
/// </para>
/// </remarks>
internal sealed class ResponseBuffer : Stream, IHttpResponseBodyFeature
{
    private const int PumpBlock = 16 << 10;

    private readonly IHttpResponseBodyFeature _client;
    private readonly IHttpResponseFeature? _response;
    private readonly BufferSettings? _settings;
    private readonly Buffers _buffers;
    private readonly CancellationToken _clientGone;
    private Lock? _gate;
    private SpillQueue? _queue;
    private TaskCompletionSource? _room;
    private Task _pump = Task.CompletedTask;
    private PipeWriter? _writer;
    private long _passed;
    private bool _held;
    private volatile bool _pumping;
    private volatile bool _discards;

    /// <summary>Creates the stand-in.</summary>
    /// <param name="client">The way to the client.</param>
    /// <param name="settings">The bounds, or null for a response that is not buffered.</param>
    /// <param name="buffers">What buffers share.</param>
    /// <param name="clientGone">Tells that nobody reads any more.</param>
    /// <param name="response">The response, whose headers may tell its length; null if that does not matter.</param>
    public ResponseBuffer(
        IHttpResponseBodyFeature client, BufferSettings? settings, Buffers buffers, CancellationToken clientGone, IHttpResponseFeature? response = null)
    {
        _client = client;
        _response = response;
        _settings = settings;
        _buffers = buffers;
        _clientGone = clientGone;
    }

    public Stream Stream => this;

    public PipeWriter Writer => _writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The client got only a part, and does not know it yet.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Waits until the client has what the backend sent; then the buffer is free.</summary>
    public ValueTask DrainAsync()
    {
        if (_queue is not null)
        {
            return DrainQueueAsync();
        }

        return _held && !Discards ? FlushHeld() : default;
    }

    public void DisableBuffering() => _client.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => Discards ? Task.CompletedTask : _client.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        await DrainAsync();
        if (!Discards)
        {
            await _client.CompleteAsync();
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Discards)
        {
            return default;
        }

        if (_pumping)
        {
            return EnqueueAsync(buffer, cancellationToken);
        }

        ValueTask<FlushResult> flush;
        try
        {
            // The start writes the headers, so that the pipe takes the body without a detour.
            var start = _client.StartAsync(CancellationToken.None);
            if (!start.IsCompletedSuccessfully)
            {
                return StartSlowlyAsync(start, buffer, cancellationToken);
            }

            // A flush that the pump will wait for is nobody's to cancel; one that the forwarder waits for ends with the run.
            flush = Pass(buffer, _settings is null ? cancellationToken : CancellationToken.None);
        }
        catch (Exception) when (ClientHasLeft())
        {
            return default;
        }

        return AfterPassing(flush);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        // Every write is flushed as it passes. Before the first there are only headers.
        return _pumping || Discards ? Task.CompletedTask : FlushHeadersAsync(cancellationToken);
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Use WriteAsync.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool Discards => _discards || (_clientGone.IsCancellationRequested && ClientHasLeft());

    private ValueTask<FlushResult> Pass(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        // Write copies, so the forwarder may have its memory back at once.
        var client = _client.Writer;
        client.Write(buffer.Span);
        _passed += buffer.Length;
        _held = _passed == _response?.Headers.ContentLength;
        return _held ? default : client.FlushAsync(cancellationToken);
    }

    private ValueTask FlushHeld()
    {
        _held = false;
        var flush = _client.Writer.FlushAsync(CancellationToken.None);
        if (!flush.IsCompletedSuccessfully)
        {
            return AwaitAsync(flush);
        }

        _discards |= flush.Result.IsCompleted;
        return default;
    }

    private async ValueTask DrainQueueAsync()
    {
        await _pump;
        if (_held && !Discards)
        {
            await FlushHeld();
        }

        _queue!.Dispose();
    }

    private ValueTask AfterPassing(ValueTask<FlushResult> flush)
    {
        if (flush.IsCompletedSuccessfully)
        {
            _discards |= flush.Result.IsCompleted;
            return default;
        }

        if (_settings is null)
        {
            return AwaitAsync(flush);
        }

        _gate ??= new Lock();
        _queue ??= new SpillQueue(_settings, _buffers);
        _pumping = true;
        _pump = PumpAsync(flush);
        return default;
    }

    private async ValueTask AwaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            _discards |= (await flush).IsCompleted;
        }
        catch (Exception) when (ClientHasLeft())
        {
            // Dropped from here on.
        }
    }

    private async ValueTask StartSlowlyAsync(Task start, ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await start;
        }
        catch (Exception) when (ClientHasLeft())
        {
            return;
        }

        await WriteAsync(buffer, cancellationToken);
    }

    private async Task FlushHeadersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.Stream.FlushAsync(cancellationToken);
        }
        catch (Exception) when (ClientHasLeft())
        {
            // Dropped from here on.
        }
    }

    private async ValueTask EnqueueAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate!)
            {
                if (_discards)
                {
                    return;
                }

                if (!_pumping)
                {
                    break;
                }

                if (_queue!.TryAppend(buffer.Span) == Appended.Done)
                {
                    return;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(cancellationToken);
        }

        await WriteAsync(buffer, cancellationToken);
    }

    private async Task PumpAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            while (true)
            {
                var flushed = await flush;
                if (flushed.IsCompleted || Discards)
                {
                    break;
                }

                if (!TryTakeNext(_client.Writer))
                {
                    return;
                }

                flush = _client.Writer.FlushAsync(CancellationToken.None);
            }
        }
        catch (Exception)
        {
            // Whatever is wrong with the way to the client or with the disk, the backend is read to its end. What the client has is not the whole.
            Truncated = true;
        }

        StopPumping(discard: true);
    }

    private bool TryTakeNext(PipeWriter client)
    {
        var count = _queue!.Read(client.GetSpan(PumpBlock));
        if (count == 0)
        {
            lock (_gate!)
            {
                if (_queue.Length == 0)
                {
                    StopPumping(discard: false);
                    return false;
                }
            }

            count = _queue.Read(client.GetSpan(PumpBlock));
        }

        client.Advance(count);
        MakeRoom();
        return true;
    }

    private void StopPumping(bool discard)
    {
        lock (_gate!)
        {
            _discards |= discard;
            _pumping = false;
            MakeRoom();
        }
    }

    private void MakeRoom()
    {
        lock (_gate!)
        {
            _room?.TrySetResult();
            _room = null;
        }
    }

    private bool ClientHasLeft()
    {
        if (!_clientGone.IsCancellationRequested)
        {
            return false;
        }

        _discards = true;
        return true;
    }
}
