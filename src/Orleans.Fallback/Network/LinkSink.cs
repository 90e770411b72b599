using Orleans.Fallback.Messages;

namespace Orleans.Fallback.Network;

/// <summary>Sends the answer of a call back over the connection that the call came by.</summary>
internal sealed class LinkSink(Link link, long id, RemoteMethod method) : IResponseSink
{
    public void Complete(object? result) => link.Complete(id, method.Result, result);

    public void Fail(Exception exception) => link.Fail(id, exception);
}
