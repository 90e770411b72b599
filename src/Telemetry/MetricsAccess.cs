namespace Admission.Telemetry;

/// <summary>Who may scrape.</summary>
internal enum MetricsAccess
{
    /// <summary>Nobody: the address is not taken, and nothing is measured for it.</summary>
    Off = 0,

    /// <summary>Callers on this machine, and those with a key for it.</summary>
    Local,

    /// <summary>Everybody who reaches the port.</summary>
    Everyone,
}
