using System.Net;
using Admission.Capacity;

namespace Admission.Client.Http;

/// <summary>A response's body that keeps the permit until it has been read, or is disposed.</summary>
internal sealed class PermittedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PermittedRun _run;
    private readonly RunOutcome _outcome;

    public PermittedContent(HttpContent inner, PermittedRun run, RunOutcome outcome)
    {
        _inner = inner;
        _run = run;
        _outcome = outcome;
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _run.LeaseLost);
            await _inner.CopyToAsync(stream, context, either.Token);
            _run.End(_outcome);
        }
        catch (Exception failure)
        {
            _run.End(failure is OperationCanceledException ? RunOutcome.Unknown : RunOutcome.Broken);
            throw;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync() => new PermittedStream(await _inner.ReadAsStreamAsync(), _run, _outcome);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => new PermittedStream(await _inner.ReadAsStreamAsync(cancellationToken), _run, _outcome);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new PermittedStream(_inner.ReadAsStream(cancellationToken), _run, _outcome);

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _run.End(_outcome);
        }

        base.Dispose(disposing);
    }
}
