using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Holding;

/// <content>The response as the request's own flow sees it: into it whoever answers writes.</content>
internal sealed partial class HeldConnection
{
    private List<(Func<object, Task> Callback, object State)>? _onStarting;
    private HeldStream? _stream;
    private PipeWriter? _writer;
    private ArrayBufferWriter<byte>? _first;
    private ArrayBufferWriter<byte>? _kept;
    private long _charged;
    private bool _started;
    private bool _tooLarge;
    private bool _broken;

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers
    {
        get => _starting == this ? _response.Headers : _headers;
        set => throw new NotSupportedException("Change the headers instead.");
    }

    public bool HasStarted => _started;

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => throw new NotSupportedException("Set the response body feature instead.");
    }

    public Stream Stream => _stream ??= new HeldStream(this);

    // The forwarder's buffer asks at every write: while all goes straight through it has the server's own.
    public PipeWriter Writer => _stage == Stage.Passing && _kept is null && _writer is null ? _body.Writer : _writer ??= PipeWriter.Create(Stream, new StreamPipeWriterOptions(leaveOpen: true));

    public CancellationToken RequestAborted
    {
        get => _lifetime.RequestAborted;
        set => _lifetime.RequestAborted = value;
    }

    public void OnStarting(Func<object, Task> callback, object state) => (_onStarting ??= []).Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _response.OnCompleted(callback, state);

    public void DisableBuffering() => _body.DisableBuffering();

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        await StartAsync();
        await FlushWriterAsync();
    }

    /// <summary>The answer is broken off. What has gone out as it is cannot be taken back; otherwise the client is told.</summary>
    public void Abort()
    {
        _broken = true;
        if (_stage is Stage.Quiet or Stage.Passing)
        {
            _lifetime.Abort();
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_started)
        {
            return;
        }

        // As in a server: the last added first, and each may still change the headers.
        for (var i = (_onStarting?.Count ?? 0) - 1; i >= 0; i--)
        {
            await _onStarting![i].Callback(_onStarting[i].State);
        }

        _started = true;
        lock (_gate)
        {
            _stage = _stage switch
            {
                Stage.Quiet => Stage.Passing,
                Stage.Held => _format.Fits(StatusCode, _headers) ? Stage.Looking : Stage.Taking,
                var stage => stage,
            };
            _taken |= _stage == Stage.Passing;
        }

        if (_stage == Stage.Passing)
        {
            _desk.End(this);
            GiveHead();
            await _body.StartAsync(cancellationToken);
        }
    }

    /// <summary>Takes a part of the answer.</summary>
    private async ValueTask TakeAsync(ReadOnlyMemory<byte> part, CancellationToken cancellation)
    {
        await StartAsync(cancellation);
        switch (_stage)
        {
            case Stage.Passing:
                await _body.Stream.WriteAsync(part, cancellation);
                break;
            case Stage.Looking:
                await LookAsync(part, isAll: false, cancellation);
                break;
            case Stage.Taking:
                Keep(part.Span);
                break;
        }
    }

    private Task FlushAsync(CancellationToken cancellation) =>
        !_started ? StartAsync(cancellation) : _stage == Stage.Passing ? _body.Stream.FlushAsync(cancellation) : Task.CompletedTask;

    private void GiveHead()
    {
        _response.StatusCode = StatusCode;
        _response.ReasonPhrase = ReasonPhrase;
        var headers = _response.Headers;
        headers.Clear();
        foreach (var (name, values) in _headers)
        {
            headers[name] = values;
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        if (_tooLarge || part.IsEmpty)
        {
            return;
        }

        var kept = _kept?.WrittenCount ?? 0;
        if (kept + part.Length > Settings.MaxResult || !_desk.Buffers.TryTakeMemory(part.Length))
        {
            _tooLarge = true;
            GiveBack();
            return;
        }

        _charged += part.Length;
        (_kept ??= new ArrayBufferWriter<byte>(part.Length)).Write(part);
    }

    private void GiveBack()
    {
        _desk.Buffers.ReturnMemory(_charged);
        (_charged, _kept) = (0, null);
    }

    // What goes on as it is may be of any size, so that no more of it is kept than its start, and only while that says nothing.
    private async ValueTask LookAsync(ReadOnlyMemory<byte> part, bool isAll, CancellationToken cancellation)
    {
        if (_broken)
        {
            // What has broken off is told, and its start not passed on as if it were all.
            return;
        }

        var seen = Math.Min(part.Length, HeldFormat.LongestStart - (_first?.WrittenCount ?? 0));
        _first?.Write(part.Span[..seen]);
        var first = _first?.WrittenMemory ?? part[..seen];
        var start = _format.Examine(first.Span, isAll, out var skipped);
        if (start == StartOf.Open)
        {
            if (_first is null)
            {
                _first = new ArrayBufferWriter<byte>(Math.Max(seen, 1));
                _first.Write(first.Span);
            }
        }
        else if (start == StartOf.Fits)
        {
            await TakeOverAsync();
            lock (_gate)
            {
                if (_stage == Stage.Over)
                {
                    return;
                }

                _stage = Stage.Passing;
            }

            _desk.End(this);
            Say(StatusCode, null);
            if (_first is null)
            {
                await _body.Stream.WriteAsync(part[skipped..], cancellation);
            }
            else
            {
                await _body.Stream.WriteAsync(first[skipped..], cancellation);
                await _body.Stream.WriteAsync(part[seen..], cancellation);
            }
        }
        else
        {
            lock (_gate)
            {
                _stage = _stage == Stage.Looking ? Stage.Taking : _stage;
            }

            Keep(first.Span);
            Keep(part.Span[seen..]);
        }
    }

    private async ValueTask FlushWriterAsync()
    {
        if (_writer is not null)
        {
            await _writer.FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>The way in for who writes bytes.</summary>
    private sealed class HeldStream(HeldConnection connection) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => connection.TakeAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

        public override void Flush()
        {
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Use WriteAsync.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
