using OpenTelemetry.Exporter;

namespace Admission.Telemetry;

/// <summary>The section <c>Admission:Telemetry</c>, read at start. docs/configuration.md lists every setting.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>Who may scrape <see cref="MetricsPath"/>. Default callers on this machine.</summary>
    public MetricsAccess Metrics { get; init; } = MetricsAccess.Local;

    /// <summary>Where Prometheus scrapes. Default <c>/metrics</c>.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary>Meters beside Admission's own that are shown and exported too, such as <c>System.Runtime</c>. Default none; at most 50.</summary>
    public IReadOnlyList<string> Meters { get; init; } = [];

    /// <summary>Where to export by OTLP; null (the default) for nowhere.</summary>
    public OtlpSettings? Otlp { get; init; }
}

/// <summary>Export by OTLP. Whatever is not given is what the standard <c>OTEL_*</c> variables say.</summary>
internal sealed record OtlpSettings
{
    /// <summary>The collector; null where only the variables say where.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>How to speak to it; null where only the variables say so. The default is gRPC.</summary>
    public OtlpExportProtocol? Protocol { get; init; }

    /// <summary>Whether metrics are exported. Default true.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Whether spans are. Default true.</summary>
    public bool Traces { get; init; } = true;
}
