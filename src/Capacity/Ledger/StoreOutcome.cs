namespace Admission.Capacity;

/// <summary>How a write ended.</summary>
public enum StoreOutcome
{
    /// <summary>Never given.</summary>
    None = 0,

    /// <summary>It is in storage, so no higher epoch was there.</summary>
    Stored = 1,

    /// <summary>It may or may not be in storage.</summary>
    Failed = 2,

    /// <summary>A higher epoch is in storage: the ledger steps down.</summary>
    Superseded = 3,
}
