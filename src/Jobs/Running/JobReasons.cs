using System.Text.Json;

namespace Admission.Jobs.Running;

/// <summary>Why attempts fail, where it is not the gateway's own problem that says so; in kebab-case.</summary>
internal static class JobReasons
{
    /// <summary>The gateway that had the job is gone, or could not renew its claim.</summary>
    public const string GatewayLost = "gateway-lost";

    /// <summary>It was not finished within its time to live.</summary>
    public const string Expired = "job-expired";

    /// <summary>The backend's answer is larger than results may be.</summary>
    public const string ResultTooLarge = "result-too-large";

    /// <summary>The job has failed as often as it may.</summary>
    public const string TooManyAttempts = "too-many-attempts";

    /// <summary>The route or the cluster that the request came by is gone.</summary>
    public const string RouteGone = "route-gone";

    /// <summary>How long an expired job is kept as a dead letter; by then nobody may know its policy.</summary>
    public static TimeSpan KeepExpired { get; } = TimeSpan.FromDays(7);

    /// <summary>The result of a job that has expired.</summary>
    public static JobResult ExpiredResult { get; } = Problem(504, Expired, "The job has expired", "It was not finished within its time to live (Jobs:Ttl), so it was not tried any more.");

    /// <summary>A result of the gateway itself (RFC 9457).</summary>
    public static JobResult Problem(int status, string reason, string title, string detail) => new(
        status,
        new Dictionary<string, string?[]> { ["Content-Type"] = ["application/problem+json"], ["X-Admission-Reason"] = [reason] },
        JsonSerializer.SerializeToUtf8Bytes(new { type = $"urn:admission:problem:{reason}", title, status, detail, reason }, JobJson.Options));
}
