namespace Admission.Simulation;

/// <summary>
/// The permits of tenants with a cap, counted from reports and grants in runs without faults: no ticket is refused or passed over for its tenant's cap unless the tenant
/// has as many as it may.
/// </summary>
internal sealed class CalmCaps(World world)
{
    private readonly Dictionary<string, int> _booked = [];
    private readonly List<CalmBooks.Ticket> _refused = [];

    /// <summary>Whether its tenant's cap keeps a ticket from being served.</summary>
    public bool Blocks(CalmBooks.Ticket ticket) =>
        world.Scenario.CapOf(ticket.Tenant) is { } cap && _booked.GetValueOrDefault(ticket.Tenant) + ticket.Weight > cap;

    public void Granted(CalmBooks.Account account, CalmBooks.Ticket ticket)
    {
        if (world.Scenario.CapOf(ticket.Tenant) is not null)
        {
            account.TenantGrants.Add(ticket.Id, (ticket.Tenant, ticket.Weight));
        }
    }

    /// <summary>A ticket was refused, for whatever reason.</summary>
    public void Refused(CalmBooks.Ticket ticket) => _refused.Add(ticket);

    public void Book(CalmBooks.Account account, int sign)
    {
        foreach (var (tenant, inUse) in account.TenantsInUse)
        {
            _booked[tenant] = _booked.GetValueOrDefault(tenant) + (sign * inUse);
        }

        foreach (var (tenant, permits) in account.TenantGrants.Values)
        {
            _booked[tenant] = _booked.GetValueOrDefault(tenant) + (sign * permits);
        }
    }

    /// <summary>After a call of the ledger.</summary>
    public void Check(CalmOrder order)
    {
        foreach (var ticket in _refused.Where(refused => refused.Reason == RefusalReason.TenantCap))
        {
            // The youngest go first, so with what went and what is left there was more than the tenant may have.
            var asked = order.WeightOf(ticket.Tenant) + _refused.Where(other => other.Tenant == ticket.Tenant).Sum(other => other.Weight);
            if (_booked.GetValueOrDefault(ticket.Tenant) + asked <= world.Scenario.CapOf(ticket.Tenant))
            {
                throw world.Broken("P3", $"ticket {ticket.Id} was refused for its tenant's cap, but '{ticket.Tenant}' has only {_booked.GetValueOrDefault(ticket.Tenant)} permits booked.");
            }
        }

        _refused.Clear();
        foreach (var (tenant, booked) in _booked)
        {
            if (booked > world.Scenario.CapOf(tenant))
            {
                throw world.Broken("Cap", $"{booked} permits are booked for '{tenant}', which may have {world.Scenario.CapOf(tenant)}.");
            }
        }
    }
}
