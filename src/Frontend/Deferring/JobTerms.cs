using Admission.Capacity;
using Admission.Frontend.Forwarding;
using Admission.Jobs;

namespace Admission.Frontend.Deferring;

/// <summary>A stored request that asks for its permit: by what was stored, at the priority of jobs, and it waits as long as the backend's queue allows.</summary>
internal sealed class JobTerms(JobClaim claim, StoredRequest stored, JobPolicy policy) : AdmissionTerms
{
    /// <summary>Why there was no permit; null if there was one, or before.</summary>
    public Refusal? Refusal { get; private set; }

    /// <inheritdoc/>
    public override AdmissionRequest Apply(AdmissionRequest request, ref TimeSpan runTimeout)
    {
        var asked = TimeSpan.FromMilliseconds(stored.RunTimeout);
        runTimeout = asked > TimeSpan.Zero && asked < runTimeout ? asked : runTimeout;
        return new AdmissionRequest { Weight = stored.Weight, Priority = policy.Priority, Tenant = claim.Tenant.Length == 0 ? null : claim.Tenant };
    }

    /// <inheritdoc/>
    public override ValueTask<bool> RefusedAsync(HttpContext context, AdmissionRequest request, Refusal refusal)
    {
        Refusal = refusal;
        return new(true);
    }
}
