using System.Threading.RateLimiting;
using Admission.Capacity;

namespace Admission.Client.RateLimiting;

/// <summary>A limiter together with the holder that has its backend's permits: what a lease needs to find its way back, also when the backend was removed and configured again meanwhile.</summary>
internal sealed class LimiterBackend(AdmissionRateLimiter limiter, BackendHolder holder)
{
    public BackendHolder Holder { get; } = holder;

    /// <summary>Makes the lease of permits that were admitted.</summary>
    public RateLimitLease Admit(in PoolResult admitted)
    {
        limiter.Took();
        return admitted.DestinationIndex == 0 ? new AdmissionLease(this, admitted) : new DestinedLease(this, admitted);
    }

    /// <summary>Gives permits back.</summary>
    public void Release(in Permit permit)
    {
        Holder.Release(permit, RunOutcome.Served);
        limiter.Gave();
    }

    /// <summary>A ticket was decided.</summary>
    public void Decided(LimiterTicket ticket, in PoolResult result) => limiter.Decided(ticket, result);
}
