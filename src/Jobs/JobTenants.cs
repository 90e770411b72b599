namespace Admission.Jobs;

/// <summary>What the backend's policy says of tenants, for taking up their jobs.</summary>
/// <param name="Cap">Permits that a tenant may have in use, where it is not named; null for no cap. Jobs without a tenant have none.</param>
/// <param name="Named">Those whose weight or cap is not everybody's.</param>
internal sealed record JobTenants(int? Cap, IReadOnlyDictionary<string, JobTenantRule> Named)
{
    /// <summary>All alike, without a cap.</summary>
    public static JobTenants Alike { get; } = new(null, new Dictionary<string, JobTenantRule>(StringComparer.Ordinal));

    /// <summary>The tenant's part beside others; at least 1.</summary>
    public int WeightOf(string tenant) => Named.TryGetValue(tenant, out var rule) ? rule.Weight : 1;

    /// <summary>How many jobs of the tenant may wait for a permit in one gateway: one more than could get one, so that the next is there when one ends.</summary>
    public int MostWaitingOf(string tenant) =>
        tenant.Length > 0 && ((Named.TryGetValue(tenant, out var rule) ? rule.Cap : null) ?? Cap) is { } cap ? cap + 1 : int.MaxValue;
}

/// <summary>A tenant whose weight or cap is not everybody's.</summary>
/// <param name="Weight">Its part; at least 1.</param>
/// <param name="Cap">Permits that it may have in use; null for everybody's cap.</param>
internal readonly record struct JobTenantRule(int Weight, int? Cap);
