namespace Admission.Capacity;

/// <content>How long clients stay: what the ledger learns their patience from.</content>
public sealed partial class PermitPool
{
    // Made with the first count: most backends have no queue and never need it.
    private ClientTally? _clients;
    private TenantTallies? _tenantClients;
    private long _runTimeouts;

    /// <summary>The client of a request in flight has left. Nothing happens if it is not watched, was answered before, or the permit was released.</summary>
    /// <param name="permit">A permit of this pool.</param>
    public void ClientLeft(in Permit permit)
    {
        lock (_lock)
        {
            if (TryEndWatch(permit, left: true, out var after, out _))
            {
                Clients.LeftInside(after);
                ClientsOf(permit.Life.Permits.TenantOf(permit.Slot))?.LeftInside(after);
            }
        }
    }

    /// <summary>
    /// The answer to a request in flight has begun, so its client's patience has been enough. Without this call it counts as answered when its permit is released.
    /// </summary>
    /// <param name="permit">A permit of this pool.</param>
    public void ClientAnswered(in Permit permit)
    {
        lock (_lock)
        {
            if (TryEndWatch(permit, left: false, out var after, out var inside))
            {
                Clients.Answered(after, inside);
                ClientsOf(permit.Life.Permits.TenantOf(permit.Slot))?.Refused(after);
            }
        }
    }

    /// <summary>The work of a request was cancelled because it had run as long as it may.</summary>
    /// <param name="permit">A permit of this pool.</param>
    public void RunTimedOut(in Permit permit)
    {
        lock (_lock)
        {
            if (ReferenceEquals(permit.Life, _life))
            {
                _runTimeouts++;
            }
        }
    }

    private ClientTally Clients => _clients ??= new ClientTally();

    /// <summary>The counts of a tenant; null for the requests without one. How long answers take is not counted for each tenant, only that its client was still there.</summary>
    private ClientTally? ClientsOf(string? tenant) => string.IsNullOrEmpty(tenant) ? null : (_tenantClients ??= new TenantTallies()).Of(tenant);

    private bool TryEndWatch(in Permit permit, bool left, out TimeSpan after, out TimeSpan inside)
    {
        after = inside = TimeSpan.Zero;
        if (!ReferenceEquals(permit.Life, _life) || !permit.Life.Permits.TryEndWatch(permit.Slot, permit.Generation, left, out var since, out var waited))
        {
            return false;
        }

        inside = _measuringTime.GetElapsedTime(since);
        after = inside + _measuringTime.GetElapsedTime(0, waited);
        return true;
    }

    /// <summary>A measured permit is released.</summary>
    private void NoteReleased(int slot, long waited, TimeSpan inside)
    {
        if (waited >= 0)
        {
            var after = inside + _measuringTime.GetElapsedTime(0, waited);
            Clients.Answered(after, inside);
            ClientsOf(_permits.TenantOf(slot))?.Refused(after);
        }
        else if (waited == PoolPermits.HasLeft && !_policy.StopsWhenAbandoned)
        {
            // Where the backend stops abandoned work, the work was cut short and says nothing.
            Clients.Done(inside);
        }
    }

    private void NoteLeft(WaitingRequest waiter)
    {
        if (_policy.LearnsPatience && !waiter.Request.IsHeld)
        {
            var after = _measuringTime.GetElapsedTime(waiter.Since);
            Clients.LeftWaiting(after);
            ClientsOf(waiter.Request.Tenant)?.LeftWaiting(after);
        }
    }

    private void NoteRefused(WaitingRequest waiter)
    {
        if (_policy.LearnsPatience && !waiter.Request.IsHeld)
        {
            var after = _measuringTime.GetElapsedTime(waiter.Since);
            Clients.Refused(after);
            ClientsOf(waiter.Request.Tenant)?.Refused(after);
        }
    }
}
