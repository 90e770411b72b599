using Admission.Capacity;

namespace Admission.Client.RateLimiting;

/// <summary>Permits at one of several destinations.</summary>
internal sealed class DestinedLease(LimiterBackend backend, in PoolResult admitted) : AdmissionLease(backend, admitted)
{
    protected override int DestinationIndex { get; } = admitted.DestinationIndex;
}
