using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Admission.Telemetry.Prometheus;

/// <summary>How metrics are written.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    Text = 0,

    /// <summary>OpenMetrics 1.0.</summary>
    OpenMetrics,
}

/// <summary>Which format a scraper wants.</summary>
internal static class ExpositionFormats
{
    private const string OpenMetricsType = "application/openmetrics-text";

    /// <summary>The header that goes with a format.</summary>
    public static string ContentType(this ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? $"{OpenMetricsType}; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The format that a scraper prefers among those that there are; the older one for whoever does not say, or wants what there is not.</summary>
    public static ExpositionFormat Choose(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var wanted))
        {
            return ExpositionFormat.Text;
        }

        double open = 0;
        double text = 0;
        foreach (var type in wanted)
        {
            var quality = type.Quality ?? 1;
            var version = type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.Value.Value?.Trim('"');
            if (type.MediaType.Equals(OpenMetricsType, StringComparison.OrdinalIgnoreCase) && version is null or "1.0.0")
            {
                open = Math.Max(open, quality);
            }
            else if (type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase) && version is null or "0.0.4")
            {
                text = Math.Max(text, quality);
            }
        }

        return open > text ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
    }
}
