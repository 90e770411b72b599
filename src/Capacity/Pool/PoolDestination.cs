namespace Admission.Capacity;

/// <summary>A pool's permits for one destination. Guarded by the pool's lock.</summary>
internal sealed class PoolDestination(string name, int index)
{
    public string Name { get; } = name;

    public int Index { get; } = index;

    public int Idle { get; set; }

    public int InUse { get; set; }

    /// <summary>The ledger wants its idle permits back whatever the allowance.</summary>
    public bool Recalled { get; set; }

    public int Held => Idle + InUse;
}
