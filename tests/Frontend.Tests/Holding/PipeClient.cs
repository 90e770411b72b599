using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Tests.Holding;

/// <summary>A server's response whose client is a pipe.</summary>
internal sealed class PipeClient(PipeWriter writer) : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    public bool Started { get; private set; }

    public bool Aborted { get; private set; }

    public Stream Stream { get; } = writer.AsStream();

    public PipeWriter Writer => writer;

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => Aborted = true;

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Started = true;
        return Task.CompletedTask;
    }

    public Task CompleteAsync() => Task.CompletedTask;

    public void DisableBuffering()
    {
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
