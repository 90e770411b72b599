namespace Admission.Client;

/// <summary>What to listen to, for programs that set up OpenTelemetry themselves. docs/telemetry.md lists what there is.</summary>
public static class AdmissionTelemetry
{
    /// <summary>All meters of Admission, as <c>AddMeter</c> of OpenTelemetry takes them: the client's, the ledgers', the jobs' and the gateway's.</summary>
    public const string Meters = "Admission.*";

    /// <summary>The source of spans, for <c>AddSource</c>.</summary>
    public const string ActivitySource = "Admission";
}
