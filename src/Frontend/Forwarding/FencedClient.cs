namespace Admission.Frontend.Forwarding;

/// <summary>
/// Stands before a cluster's HTTP client, whoever made that, and asks a request whether it still may be sent: for HTTP/2, whose frames are written by nobody's
/// request, this is the last place to ask. For HTTP/1 the connection asks again (<see cref="FencedStream"/>); a client without such connections is told of once.
/// </summary>
internal sealed class FencedClient(HttpMessageInvoker client, Action unfenced) : HttpMessageInvoker(Nowhere.Instance, disposeHandler: false)
{
    private volatile bool _known;

    public override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Run.Current is not { } run)
        {
            return client.SendAsync(request, cancellationToken);
        }

        run.BeforeSend();
        return _known ? client.SendAsync(request, cancellationToken) : SendAndLookAsync(run, request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAndLookAsync(Run run, HttpRequestMessage request, CancellationToken cancellation)
    {
        var response = await client.SendAsync(request, cancellation);
        if (response.Version.Major == 1 && !_known)
        {
            _known = true;
            if (!run.WasAskedByConnection)
            {
                unfenced();
            }
        }

        return response;
    }

    private sealed class Nowhere : HttpMessageHandler
    {
        public static readonly Nowhere Instance = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
