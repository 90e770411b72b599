namespace Admission.Capacity;

/// <content>What tenants with a cap have in use, over the whole cluster. Their leases are booked where leases are.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Books for a life's tenants what its newest report says, and the grants that it had not applied.</summary>
    private void BookTenants(HolderAccount account)
    {
        foreach (var (tenant, inUse) in account.ReportedTenants)
        {
            BookTenant(account, tenant, inUse);
        }

        if (_queue.Permits.Rules.HasCaps)
        {
            foreach (var ticket in account.GrantedTickets)
            {
                BookGrantOfTenant(ticket);
            }
        }
    }

    private void UnbookTenants(HolderAccount account)
    {
        if (account.TenantsBooked is not { } all)
        {
            return;
        }

        foreach (var (tenant, booked) in all)
        {
            _queue.Book(tenant, -booked);
        }

        account.TenantsBooked = null;
    }

    private void BookGrantOfTenant(QueuedTicket ticket)
    {
        if (_queue.Permits.Rules.CapOf(ticket.Request.Tenant) is not null)
        {
            BookTenant(ticket.Account, ticket.Request.Tenant!, ticket.Request.Weight);
        }
    }

    private void BookTenant(HolderAccount account, string tenant, int permits)
    {
        account.TenantsBooked ??= new Dictionary<string, int>(StringComparer.Ordinal);
        account.TenantsBooked[tenant] = account.TenantsBooked.GetValueOrDefault(tenant) + permits;
        _queue.Book(tenant, permits);
    }

    /// <summary>Takes a lost life's tenants off its books; what they had goes into quarantine with its permits.</summary>
    private TenantUse[] TakeTenants(HolderAccount account)
    {
        var taken = TenantsOf(account);
        UnbookTenants(account);
        return taken;
    }

    private static TenantUse[] TenantsOf(HolderAccount account) => [.. (account.TenantsBooked ?? []).Select(booked => new TenantUse(booked.Key, booked.Value))];

    private void BookQuarantined(TenantUse[] tenants, int sign)
    {
        foreach (var (tenant, inUse) in tenants)
        {
            _queue.Book(tenant, sign * inUse);
        }
    }
}
