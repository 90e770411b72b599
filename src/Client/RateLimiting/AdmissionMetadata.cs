using System.Threading.RateLimiting;
using Admission.Capacity;

namespace Admission.Client.RateLimiting;

/// <summary>
/// What the leases of an <see cref="AdmissionRateLimiter"/> tell beside the framework's <see cref="MetadataName.RetryAfter"/> and <see cref="MetadataName.ReasonPhrase"/>, which those have that were refused.
/// </summary>
public static class AdmissionMetadata
{
    /// <summary>Of a lease that was refused: the rule that did it.</summary>
    public static MetadataName<RefusalReason> Reason { get; } = MetadataName.Create<RefusalReason>("ADMISSION_REASON");

    /// <summary>Of a lease that was acquired: cancelled when the permits are no longer this process's, because its lease has run out.</summary>
    public static MetadataName<CancellationToken> LeaseLost { get; } = MetadataName.Create<CancellationToken>("ADMISSION_LEASE_LOST");

    /// <summary>Of a lease that was acquired: the destination that the permits are for; empty where the policy names none.</summary>
    public static MetadataName<string> Destination { get; } = MetadataName.Create<string>("ADMISSION_DESTINATION");
}
