using Admission.Capacity;

namespace Admission.Client.RateLimiting;

/// <summary>Permits at one of several destinations.</summary>
internal sealed class DestinedLease(LimiterBackend backend, in Permit permit) : AdmissionLease(backend, permit)
{
    protected override int DestinationIndex { get; } = permit.DestinationIndex;
}
