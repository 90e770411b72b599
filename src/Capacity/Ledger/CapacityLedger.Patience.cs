namespace Admission.Capacity;

/// <content>Who would be served too late, by the patience that clients have shown (<see cref="ClientPatience"/>).</content>
public sealed partial class CapacityLedger
{
    /// <summary>Counts of tenants that one life has in memory; of one that comes again after more others, what it had told before counts twice.</summary>
    private const int MostCountsOfLife = 2 * TenantClients.Most;

    private readonly ClientPatience _patience;
    private readonly PatienceOfTenants _tenantPatience;
    private long _runTimeouts;

    /// <summary>The longest wait that is worth while, by what clients have shown; null for any.</summary>
    public TimeSpan? LongestWait => _policy is { LearnsPatience: true } ? _patience.LongestWait : null;

    private void LearnPatience(HolderAccount account, HolderReport report)
    {
        _runTimeouts += Math.Max(0, report.RunTimeouts - account.RunTimeouts);
        account.RunTimeouts = report.RunTimeouts;
        if (report.Clients is { } clients)
        {
            _patience.Add(account.Clients, clients);
            account.Clients = clients;
        }

        foreach (var of in report.TenantClients ?? [])
        {
            account.TenantClients ??= [];
            var before = account.TenantClients.Find(known => known.Count == of.Count);
            _tenantPatience.Add(of.Tenant, before?.Totals, of.Totals);
            account.TenantClients.RemoveAll(known => known.Count == of.Count);
            account.TenantClients.Add(of);
            if (account.TenantClients.Count > MostCountsOfLife)
            {
                account.TenantClients.RemoveAt(0);
            }
        }
    }

    private TimeSpan? LongestWaitOf(string? tenant) => _policy is { LearnsPatience: true } ? _tenantPatience.LongestWaitOf(tenant) : null;

    /// <summary>Why a ticket that has just arrived is refused although there is room in the queue; None if it may wait.</summary>
    private RefusalReason TooLateBecause(in TicketRequest request, TimeSpan wait, long now)
    {
        // Where the newest is served first, a place in the queue says nothing of the wait.
        if (ServesNewest(now) || _policy!.Overflow != Overflow.Wait || Recovering || _totalMayBeIdle > 0)
        {
            return RefusalReason.None;
        }

        if (wait > request.TimeLeft)
        {
            return RefusalReason.DeadlineUnreachable;
        }

        return !request.IsHeld && LongestWaitOf(request.Tenant) is { } longest && request.Waited + wait > longest ? RefusalReason.TooLate : RefusalReason.None;
    }

    /// <summary>
    /// Whether the first ticket has waited so long that its client would probably leave before its answer, while others behind it want the permit. If there is one for
    /// everybody it is served in any case: a permit that nobody else wants costs nothing, and shows how long clients stay.
    /// </summary>
    private bool IsTooLate(QueuedTicket first, long now) =>
        _policy!.LearnsPatience && !first.Request.IsHeld && !IsEnoughForAll && _tenantPatience.IsTooLate(first.Request.Tenant, _clock.Between(first.Since, now));
}
