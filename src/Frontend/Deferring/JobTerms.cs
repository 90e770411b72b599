using Admission.Capacity;
using Admission.Frontend.Forwarding;
using Admission.Jobs;
using Admission.Jobs.Running;

namespace Admission.Frontend.Deferring;

/// <summary>A stored request that asks for its permit: by what was stored, at the priority of jobs, and it waits as long as the backend's queue and its own time allow.</summary>
internal sealed class JobTerms(JobTry attempt, StoredRequest stored, TimeProvider time) : AdmissionTerms
{
    /// <summary>Why there was no permit; null if there was one, or before.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>There was a permit, and it was not to be sent all the same.</summary>
    public bool IsWithheld { get; private set; }

    /// <summary>When it was about to be sent; null if it never was.</summary>
    public DateTimeOffset? Sent { get; private set; }

    /// <inheritdoc/>
    public override bool WasCounted => true;

    /// <inheritdoc/>
    public override AdmissionRequest Apply(AdmissionRequest request, ref TimeSpan runTimeout)
    {
        var asked = TimeSpan.FromMilliseconds(stored.RunTimeout);
        runTimeout = asked > TimeSpan.Zero && asked < runTimeout ? asked : runTimeout;
        var tenant = attempt.Claim.Tenant;
        return new AdmissionRequest { Weight = stored.Weight, Priority = attempt.Policy.Priority, Tenant = tenant.Length == 0 ? null : tenant, MaxWait = attempt.MaxWait };
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> BeforeSendingAsync()
    {
        IsWithheld = !await attempt.BeforeSending();
        Sent = IsWithheld ? null : time.GetUtcNow();
        return !IsWithheld;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> RefusedAsync(HttpContext context, AdmissionRequest request, Refusal refusal)
    {
        Refusal = refusal;
        return new(true);
    }
}
