using System.Buffers;
using System.IO.Pipelines;
using Admission.Frontend.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Buffering;

/// <summary>Takes a request's body in before a permit is taken, so that a slow sender holds none.</summary>
internal static class RequestBuffer
{
    /// <summary>Whether the request has a body at all.</summary>
    public static bool HasBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? context.Request.ContentLength is not 0;

    /// <summary>
    /// Reads the body to its end into a buffer, and puts the buffer in the body's place. The request then has a <c>Content-Length</c>, and no
    /// <c>Expect</c>: nothing is left to wait for.
    /// </summary>
    /// <returns>The body to dispose after the request, or null with the reason.</returns>
    public static async ValueTask<(BufferedBody? Body, Appended Result)> ReadAsync(
        HttpContext context, BufferSettings settings, Buffers buffers, bool routeHasOwnBound, CancellationToken clientGone)
    {
        var request = context.Request;
        if (request.ContentLength > settings.Max)
        {
            return (null, Appended.OverBound);
        }

        // Our bound counts, not Kestrel's general one; a route's own MaxRequestBodySize stays.
        if (!routeHasOwnBound && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        var queue = new SpillQueue(settings, buffers);
        try
        {
            var result = await FillAsync(request.BodyReader, queue, clientGone);
            if (result != Appended.Done)
            {
                queue.Dispose();
                return (null, result);
            }
        }
        catch
        {
            queue.Dispose();
            throw;
        }

        var body = new BufferedBody(queue);
        request.Headers.TransferEncoding = default;
        request.Headers.Expect = default;
        request.ContentLength = body.Length;
        request.Body = body;
        return (body, Appended.Done);
    }

    private static async ValueTask<Appended> FillAsync(PipeReader reader, SpillQueue queue, CancellationToken clientGone)
    {
        while (true)
        {
            var read = await reader.ReadAsync(clientGone);
            var appended = Append(read.Buffer, queue);
            reader.AdvanceTo(read.Buffer.End);
            if (appended != Appended.Done || read.IsCompleted)
            {
                return appended;
            }
        }
    }

    private static Appended Append(in ReadOnlySequence<byte> data, SpillQueue queue)
    {
        foreach (var segment in data)
        {
            var appended = queue.TryAppend(segment.Span);
            if (appended != Appended.Done)
            {
                return appended;
            }
        }

        return Appended.Done;
    }
}
