using System.Text;
using Admission.Grains.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Admission.Telemetry.Prometheus;

/// <summary>Answers a scrape.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Answers one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="collector">What there is to tell.</param>
    /// <param name="access">Who may ask.</param>
    public static async Task AnswerAsync(HttpContext context, MetricsCollector collector, MetricsAccess access)
    {
        if (access == MetricsAccess.Local && !LocalCallers.Are(context))
        {
            await NotLocal().ExecuteAsync(context);
            return;
        }

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

    private static ProblemHttpResult NotLocal() => TypedResults.Problem(
        "Metrics are shown to callers on this machine only. For a Prometheus elsewhere set Admission:Telemetry:Metrics to Everyone, and keep the port from strangers.",
        statusCode: StatusCodes.Status403Forbidden,
        title: "Only for callers on this machine");
}
