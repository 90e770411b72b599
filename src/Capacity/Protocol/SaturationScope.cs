namespace Admission.Capacity;

/// <summary>
/// Whom a saturation notice refuses. A full queue still takes a request that displaces another, so the notice holds only for those that would
/// be refused themselves. <c>default</c>, which a ledger that knows no scope sends, holds for every priority but the first, and there for requests without a tenant.
/// </summary>
/// <param name="Above">Every request whose priority has a higher number, and so comes later; -1 for all.</param>
/// <param name="Level">The requests of this priority that have the tenant <paramref name="Tenant"/>.</param>
/// <param name="Tenant">The tenant with the most tickets for its weight there; null for the requests without one.</param>
/// <param name="TenantReason">Why these are refused; <see cref="RefusalReason.None"/> as the others.</param>
[GenerateSerializer, Immutable, Alias("Admission.SaturationScope")]
public readonly record struct SaturationScope(
    [property: Id(0)] int Above, [property: Id(1)] int Level, [property: Id(2)] string? Tenant, [property: Id(3)] RefusalReason TenantReason)
{
    /// <summary>Holds for every request.</summary>
    public static SaturationScope All { get; } = new(-1, -1, null, RefusalReason.None);

    /// <summary>Holds for none.</summary>
    public static SaturationScope Nobody { get; } = new(Priorities.Lowest, -1, null, RefusalReason.None);

    /// <summary>Whether a request is the tenant's of <see cref="Level"/>.</summary>
    internal bool HoldsForTenant(in AdmissionRequest request) =>
        request.Priority == Level && string.Equals(request.Tenant ?? TenantRules.Common, Tenant ?? TenantRules.Common, StringComparison.Ordinal);
}
