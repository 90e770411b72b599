namespace Admission.Capacity;

/// <summary>The permits of one life that requests of tenants with a cap use, by slot. Guarded by the pool's lock.</summary>
internal sealed class CappedPermits
{
    private readonly Dictionary<int, (string Tenant, int Weight)> _bySlot = [];
    private readonly Dictionary<string, int> _inUse = new(StringComparer.Ordinal);

    public int Count => _bySlot.Count;

    public void Take(int slot, string tenant, int weight)
    {
        _bySlot.Add(slot, (tenant, weight));
        _inUse[tenant] = _inUse.GetValueOrDefault(tenant) + weight;
    }

    /// <summary>A slot is free; nothing happens if its tenant has no cap.</summary>
    public void Return(int slot)
    {
        if (_bySlot.Remove(slot, out var taken) && (_inUse[taken.Tenant] -= taken.Weight) == 0)
        {
            _inUse.Remove(taken.Tenant);
        }
    }

    public TenantUse[] Report() => _inUse.Count == 0 ? [] : [.. _inUse.Select(use => new TenantUse(use.Key, use.Value))];
}
