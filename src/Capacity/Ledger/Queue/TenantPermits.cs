using System.Diagnostics;

namespace Admission.Capacity;

/// <summary>
/// Permits booked for tenants that have a cap, over the whole cluster, by the rule of all bookings: for each life what its newest report says, and the grants that
/// this report had not applied; and what lost lives left to the quarantine. So a tenant is never booked for less than it has in use. Leases are booked for each tenant, with a cap or without.
/// </summary>
internal sealed class TenantPermits
{
    private readonly Dictionary<string, int> _booked = new(StringComparer.Ordinal);

    /// <summary>The policy's weights and caps.</summary>
    public TenantRules Rules { get; set; } = new(null);

    public int Of(string tenant) => _booked.GetValueOrDefault(tenant);

    /// <summary>Whether a tenant's cap leaves room for so many permits more.</summary>
    public bool Allows(string tenant, long permits) => Rules.CapOf(tenant) is not { } cap || Of(tenant) + permits <= cap;

    /// <summary>Tenants that have anything booked.</summary>
    public int Count => _booked.Count;

    public void Book(string tenant, int permits)
    {
        var booked = _booked.GetValueOrDefault(tenant) + permits;
        Debug.Assert(booked >= 0, "A tenant's permit was given back that was not booked.");
        if (booked == 0)
        {
            _booked.Remove(tenant);
        }
        else
        {
            _booked[tenant] = booked;
        }
    }
}
