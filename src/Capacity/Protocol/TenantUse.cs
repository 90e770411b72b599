namespace Admission.Capacity;

/// <summary>Permits that requests of a tenant with a cap use.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="InUse">How many; at least 1.</param>
[GenerateSerializer, Immutable, Alias("Admission.TenantUse")]
public readonly record struct TenantUse([property: Id(0)] string Tenant, [property: Id(1)] int InUse);
