namespace Admission.Capacity;

/// <summary>What a life has seen of the patience of one tenant's clients.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Count">Which count of the life it is: the totals are of this count, which begins anew when the tenant was left out for others in between.</param>
/// <param name="Totals">The totals; only their buckets count, without answers.</param>
[GenerateSerializer, Immutable, Alias("Admission.TenantClients")]
public sealed record TenantClients([property: Id(0)] string Tenant, [property: Id(1)] long Count, [property: Id(2)] ClientTotals Totals)
{
    /// <summary>The most tenants of which a report tells.</summary>
    public const int Most = 32;
}
