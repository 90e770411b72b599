using System.Net;
using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client.Http;

/// <summary>A request was not sent, because it got no permit.</summary>
public sealed class AdmissionRefusedException : HttpRequestException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="refusal">Why there is no permit.</param>
    public AdmissionRefusedException(string backend, Refusal refusal)
        : base($"The backend '{backend}' takes no request now: {MetricTags.ReasonOf(refusal.Reason)}. Try again in {Math.Ceiling(refusal.Occupancy.RetryAfter.TotalSeconds)} s.", null, StatusOf(refusal.Reason)) =>
        Refusal = refusal;

    /// <summary>Why there is no permit; its occupancy says when to come back.</summary>
    public Refusal Refusal { get; }

    /// <summary>The status that a gateway answers with.</summary>
    internal static HttpStatusCode StatusOf(RefusalReason reason) =>
        reason is RefusalReason.TenantCap or RefusalReason.TenantShare ? HttpStatusCode.TooManyRequests : HttpStatusCode.ServiceUnavailable;
}
