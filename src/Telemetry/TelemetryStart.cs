using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Telemetry;

/// <summary>Says once who may see what, and where it goes.</summary>
internal sealed partial class TelemetryStart(TelemetrySettings settings, ILogger<TelemetryStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Metrics == MetricsAccess.Everyone)
        {
            LogOpen(settings.MetricsPath);
        }

        if (settings.Otlp is { } otlp)
        {
            LogExports(otlp.Endpoint?.GetLeftPart(UriPartial.Authority) ?? "the address in OTEL_EXPORTER_OTLP_ENDPOINT", otlp.Metrics, otlp.Traces);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2200, LogLevel.Warning, "Metrics are shown at {Path} to everybody who reaches this port: Admission:Telemetry:Metrics is Everyone.")]
    private partial void LogOpen(string path);

    [LoggerMessage(2201, LogLevel.Information, "OpenTelemetry is exported to {Endpoint}. Metrics: {Metrics}; traces: {Traces}.")]
    private partial void LogExports(string endpoint, bool metrics, bool traces);
}
