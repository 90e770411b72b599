using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client;

/// <content>What the framework's limiters ask beside permits.</content>
internal sealed partial class BackendHolder
{
    private volatile bool _leaving;

    /// <summary>It takes no more requests: the backend was removed, or the client is stopping.</summary>
    public bool IsLeaving => _leaving;

    /// <summary>As <see cref="TryAcquire"/>, for who keeps the pool's answer itself.</summary>
    public bool TryDecide(in AdmissionRequest request, out PoolResult result) => _pool.TryAcquire(request, out result);

    /// <summary>The most permits that one request can get, as far as is known here.</summary>
    public int LargestGrant => _pool.LargestGrant;

    /// <summary>Permits that one more request might get: what the ledger last said is free, less what this process uses by itself. An estimate; before the ledger has said anything, the whole limit.</summary>
    public int Available
    {
        get
        {
            var readiness = _pool.Readiness;
            var left = readiness.Occupancy.Limit - _pool.InUse;
            return Math.Max(0, Math.Min(readiness.Room ?? left, left));
        }
    }

    /// <summary>Begins the span of a request that waits; null while nobody listens.</summary>
    public WaitSpan? BeginWait(int priority) => WaitSpan.Begin(_backend, _policy, priority, _time);
}
