namespace Admission.Simulation;

/// <summary>What an operation does.</summary>
internal enum StoreKind
{
    None = 0,
    Read,
    BeginEpoch,
    Write,
    HandOver,
    Claim,
    Renew,
}

/// <summary>One operation on its way to the store or back.</summary>
internal sealed class StoreOperation(StoreKind kind, LedgerState? state, long condition, StoreRequest? request)
{
    public StoreKind Kind { get; } = kind;

    public LedgerState? State { get; } = state;

    /// <summary>For the beginning of an epoch the version that was read, else the number of the write in its epoch.</summary>
    public long Condition { get; } = condition;

    public StoreRequest? Request { get; } = request;

    /// <summary>For a claim the epoch that was claimed; for a renewal the one to compare.</summary>
    public long Epoch { get; set; }

    /// <summary>A renewal: that epoch is still the highest claimed.</summary>
    public bool StillOurs { get; set; }

    /// <summary>The activation's own timestamp before a renewal was sent.</summary>
    public long ClockBeganAt { get; init; }

    public LedgerState? Found { get; set; }

    public long FoundVersion { get; set; }

    public StoreOutcome Outcome { get; set; }

    /// <summary>True time.</summary>
    public long BeganAt { get; set; }

    /// <summary>Its activation has taken an answer, or given up.</summary>
    public bool Done { get; set; }
}
