using System.Text;
using Microsoft.AspNetCore.Http;

namespace Admission.Telemetry.Prometheus;

/// <summary>Answers a scrape.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Answers one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="collector">What there is to tell.</param>
    public static async Task AnswerAsync(HttpContext context, MetricsCollector collector)
    {
        var format = ExpositionFormats.Choose(context.Request.Headers.Accept);
        var text = await collector.CollectAsync(format, context.RequestAborted);
        context.Response.ContentType = format.ContentType();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var writer = context.Response.BodyWriter;
        foreach (var part in text.GetChunks())
        {
            Encoding.UTF8.GetBytes(part.Span, writer);
            await writer.FlushAsync(context.RequestAborted);
        }
    }
}
