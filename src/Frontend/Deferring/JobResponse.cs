using System.IO.Pipelines;
using Admission.Jobs;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Deferring;

/// <summary>Takes a job's answer in memory, to a bound; beyond it the backend is read to its end all the same, because its place is taken until then. Used by one flow.</summary>
/// <param name="most">Bytes that are kept.</param>
/// <param name="lost">The job is not this gateway's any more; what it looks like from inside is a client that has left.</param>
internal sealed class JobResponse(long most, CancellationToken lost) : Stream, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    private readonly MemoryStream _kept = new();
    private readonly List<(Func<object, Task> Callback, object State)> _starting = [];
    private PipeWriter? _writer;

    /// <summary>The answer broke off.</summary>
    public bool Aborted { get; private set; }

    /// <summary>The answer is larger than what is kept.</summary>
    public bool IsTooLarge { get; private set; }

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public bool HasStarted { get; private set; }

    public CancellationToken RequestAborted { get; set; } = lost;

    Stream IHttpResponseFeature.Body
    {
        get => this;
        set => throw new NotSupportedException("Set the response body feature instead.");
    }

    Stream IHttpResponseBodyFeature.Stream => this;

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

    /// <summary>What was taken.</summary>
    public JobResult ToResult() => new(StatusCode, JobHeaders.Keep(Headers), _kept.ToArray());

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state)
    {
        // Nobody reads: it is complete when the pipeline is.
    }

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (!HasStarted)
        {
            // As in a server: the last added first, and each may still change the headers.
            for (var i = _starting.Count - 1; i >= 0; i--)
            {
                await _starting[i].Callback(_starting[i].State);
            }

            HasStarted = true;
        }
    }

    public Task CompleteAsync() => StartAsync();

    public void DisableBuffering()
    {
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(this, path, offset, count, cancellationToken);

    public void Abort() => Aborted = true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        Write(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        HasStarted = true;
        IsTooLarge |= _kept.Length + buffer.Length > most;
        if (!IsTooLarge)
        {
            _kept.Write(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task FlushAsync(CancellationToken cancellationToken) => StartAsync(cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
