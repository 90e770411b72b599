using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client.RateLimiting;

/// <summary>A place in the backend's queue that a limiter has. Who of the limiter's callers gets its permits is decided when they come.</summary>
internal sealed class LimiterTicket(LimiterBackend backend, int weight, long started, WaitSpan? span) : WaitingRequest
{
    public LimiterBackend Backend { get; } = backend;

    /// <summary>The permits that it is for; at least 1.</summary>
    public int Weight { get; } = weight;

    /// <summary>Who is refused if it is. Null once its caller has gone. Guarded by the queue's lock.</summary>
    public LeaseWaiter? Waiter { get; set; }

    /// <summary>The ledger has it, and had no permits for it.</summary>
    public bool IsKnownToWait => Position.Position > 0;

    public override void Decided(in PoolResult result) => Backend.Decided(this, Backend.Holder.Outcome(this, result, started, span).Result);

    /// <summary>Gives the place up. Nothing happens if it was decided before.</summary>
    public void GiveUp()
    {
        if (Backend.Holder.GiveUp(this))
        {
            Backend.Holder.GaveUp(this, started, span);
        }
    }
}
