namespace Admission.Capacity;

/// <content>
/// The tenants of the requests. One with a cap is served by the ledger's grants alone, because only the ledger knows what the tenant has in use elsewhere: it takes no idle
/// permit, and while the pool is detached it waits.
/// </content>
public sealed partial class PermitPool
{
    private readonly WaiterQueue _cappedWaiters = new();
    private readonly Dictionary<string, int> _waitersOf = new(StringComparer.Ordinal);
    private CappedPermits _capped = new();
    private TenantRules _tenants;

    private int WaiterCount => _waiters.Count + _cappedWaiters.Count;

    private bool IsCapped(in AdmissionRequest request) => _tenants.HasCaps && _tenants.CapOf(request.Tenant) is not null;

    /// <summary>Notes that a request waits here.</summary>
    private void Join(WaitingRequest waiter)
    {
        (IsCapped(waiter.Request) ? _cappedWaiters : _waiters).Add(waiter);
        var tenant = waiter.Request.Tenant ?? TenantRules.Common;
        _waitersOf[tenant] = _waitersOf.GetValueOrDefault(tenant) + 1;
    }

    /// <summary>Notes that one waits no longer.</summary>
    private void Part(WaitingRequest waiter)
    {
        waiter.Queue!.Remove(waiter);
        var tenant = waiter.Request.Tenant ?? TenantRules.Common;
        if ((_waitersOf[tenant] -= 1) == 0)
        {
            _waitersOf.Remove(tenant);
        }
    }

    /// <summary>
    /// Whether so many wait here that the ledger could neither serve nor queue this one as well, whatever the other holders do. One that may displace another, by its
    /// priority or because its tenant has less than its part of those that wait, is still sent to the ledger, up to twice the number.
    /// </summary>
    private bool IsCrowded(in AdmissionRequest request)
    {
        var places = Math.Max(_policy.Waiting, _adjusted?.Waiting ?? 0);
        var most = Math.Max(_policy.TotalLimit, _occupancy.Limit) + places;
        if (WaiterCount < most)
        {
            return false;
        }

        var last = Math.Max(_waiters.Last?.Request.Priority ?? -1, _cappedWaiters.Last?.Request.Priority ?? -1);
        var displaces = places > 0
            && (request.Priority < last
                || (request.Priority == last && (long)_waitersOf.GetValueOrDefault(request.Tenant ?? TenantRules.Common) * _waitersOf.Count < WaiterCount));
        return !displaces || WaiterCount >= 2L * most;
    }
}
