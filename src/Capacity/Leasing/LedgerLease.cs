namespace Admission.Capacity;

/// <summary>A lease on the ledger's books: an account of its own, which no holder reports for.</summary>
internal sealed class LedgerLease(LeaseHandOver handed, LedgerDestination destination, FencingToken fencing)
{
    public string Key => Handed.Key;

    public LeaseHandOver Handed { get; } = handed;

    public LedgerDestination Destination { get; } = destination;

    public FencingToken Fencing { get; } = fencing;

    /// <summary>It is in storage, so it may be told. Until then it has a giver.</summary>
    public bool Stored { get; set; }

    /// <summary>The life that has handed it over and waits for the answer; null once it is stored.</summary>
    public HolderAccount? Giver { get; set; }

    /// <summary>A write without it was begun: whether it still is in the record is not known until that has succeeded, so it can be neither renewed nor released.</summary>
    public bool Ending { get; set; }

    /// <summary>Whose it is; null for nobody's.</summary>
    public string? Tenant => string.IsNullOrEmpty(Handed.Tenant) ? null : Handed.Tenant;

    /// <summary>Since when this ledger knows it.</summary>
    public long Since { get; init; }

    /// <summary>When it may be reclaimed.</summary>
    public long End { get; set; }
}
