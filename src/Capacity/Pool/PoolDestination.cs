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

    /// <summary>Idle permits that a detached pool leaves alone, because the destination fails.</summary>
    public int Parked { get; set; }

    public int Held => Idle + InUse + Parked;

    /// <summary>The ledger withholds it: nothing is kept but the permit of a trial.</summary>
    public bool Withheld { get; set; }

    /// <summary>How often it was withheld; work of an earlier era says nothing about this one.</summary>
    public int Era { get; set; }

    /// <summary>The trial whose permit is idle here; 0 for none.</summary>
    public long IdleTrial { get; set; }

    /// <summary>The trial that is in the backend; 0 for none.</summary>
    public long RunningTrial { get; set; }

    /// <summary>The slot of its permit.</summary>
    public int TrialSlot { get; set; }

    /// <summary>When work was last served, or a little earlier.</summary>
    public long ServedAt { get; set; } = MonotonicClock.Never;

    /// <summary>How work ends here; null as long as nothing has failed and nobody asks.</summary>
    public PoolOutcomes? Outcomes { get; set; }

    /// <summary>Even work that was served has to be looked at.</summary>
    public bool IsLookedAt => Withheld || RunningTrial != 0 || Outcomes is { Streak: > 0 };
}
