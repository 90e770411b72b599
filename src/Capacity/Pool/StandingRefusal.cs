namespace Admission.Capacity;

/// <summary>
/// A saturation notice as the ledger gave it, for reading without the pool's lock: a storm of requests that it refuses neither waits for releases nor delays them. Immutable.
/// </summary>
/// <param name="until">When it ends.</param>
/// <param name="scope">Whom it refuses.</param>
/// <param name="refusal">What it says to them.</param>
/// <param name="tenantRefusal">What it says to the tenant that the scope names.</param>
/// <param name="largestGrant">A request of more permits is refused for that reason, and not by this notice.</param>
internal sealed class StandingRefusal(long until, SaturationScope scope, Refusal refusal, Refusal? tenantRefusal, int largestGrant)
{
    /// <summary>When it ends, on the pool's clock.</summary>
    public long Until => until;

    /// <summary>The refusal that it has for a request until it ends; null if the pool has to look.</summary>
    public Refusal? For(in AdmissionRequest request)
    {
        if (request.Weight > largestGrant)
        {
            return null;
        }

        return request.Priority > scope.Above ? refusal : scope.HoldsForTenant(request) ? tenantRefusal : null;
    }
}
