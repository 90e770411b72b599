using Admission.Frontend.Forwarding;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the last check of a permit where the bytes leave.</summary>
public static class AdmissionFenceExtensions
{
    /// <summary>
    /// Has the handler's HTTP/1 connections check, immediately before the first bytes of an admitted request are written, that its lease is still running.
    /// <see cref="AdmissionReverseProxyExtensions.AddAdmission(IReverseProxyBuilder)"/> does it, unless the gateway has a <c>ConfigureHttpClient</c> or an
    /// <see cref="Yarp.ReverseProxy.Forwarder.IForwarderHttpClientFactory"/> of its own: then call it there. Requests that were not admitted pass.
    /// </summary>
    /// <param name="handler">The handler; a <see cref="SocketsHttpHandler.PlaintextStreamFilter"/> that it has already goes first.</param>
    /// <returns>The same handler.</returns>
    public static SocketsHttpHandler UseAdmissionFence(this SocketsHttpHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var first = handler.PlaintextStreamFilter;
        handler.PlaintextStreamFilter = async (context, cancellation) =>
        {
            var stream = first is null ? context.PlaintextStream : await first(context, cancellation);

            // HTTP/2 writes the frames of many requests from a loop of its own; those requests are asked by FencedClient.
            return context.NegotiatedHttpVersion.Major == 1 ? new FencedStream(stream) : stream;
        };
        return handler;
    }
}
