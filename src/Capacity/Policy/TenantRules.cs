namespace Admission.Capacity;

/// <summary>The weight and the cap of each tenant under one policy, found by a look-up.</summary>
internal sealed class TenantRules
{
    /// <summary>The tenant of the requests that have none.</summary>
    public const string Common = "";

    private readonly Dictionary<string, TenantRule> _named = new(StringComparer.Ordinal);
    private readonly int? _cap;

    public TenantRules(BackendPolicy? policy)
    {
        _cap = policy?.Order?.TenantCap;
        HasCaps = _cap is not null;
        foreach (var rule in policy?.Order?.Tenants ?? [])
        {
            _named[rule.Tenant] = rule;
            HasCaps |= rule.Cap is not null;
            LargestWeight = Math.Max(LargestWeight, rule.Weight);
        }
    }

    /// <summary>Whether any tenant has a cap.</summary>
    public bool HasCaps { get; }

    /// <summary>The largest weight of a tenant; 1 while none is given.</summary>
    public int LargestWeight { get; } = 1;

    public int WeightOf(string tenant) => _named.TryGetValue(tenant, out var rule) ? rule.Weight : 1;

    /// <summary>The permits that a tenant may have in use; null for no cap.</summary>
    public int? CapOf(string? tenant)
    {
        if (!HasCaps || string.IsNullOrEmpty(tenant))
        {
            return null;
        }

        return _named.TryGetValue(tenant, out var rule) && rule.Cap is { } own ? own : _cap;
    }
}
