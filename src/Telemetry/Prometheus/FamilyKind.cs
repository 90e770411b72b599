namespace Admission.Telemetry.Prometheus;

/// <summary>Prometheus' types of metrics, as far as instruments come to them.</summary>
internal enum FamilyKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts by bounds.</summary>
    Histogram,
}
