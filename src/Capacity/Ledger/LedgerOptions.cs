namespace Admission.Capacity;

/// <summary>What a ledger takes from its host rather than from the backend's policy.</summary>
public sealed record LedgerOptions
{
    /// <summary>
    /// How long after a confirmation the ledger may grant and renew. 1 s to 5 minutes; default 10 s. A successor waits for it, so shorter means a
    /// faster takeover from a crashed silo, and less time for which storage may be away.
    /// </summary>
    public TimeSpan AuthorityTtl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the ledger asks for a write of its record every third of <see cref="AuthorityTtl"/>, only to keep its authority: the default. If not, its host
    /// renews it (<see cref="CapacityLedger.EndRenewal"/>), and only what has changed, or ended, is written.
    /// </summary>
    public bool RenewedByWrites { get; init; } = true;

    /// <summary>
    /// The process that alone has the storage and all holders, by a name that no other run of it has; null (the default) where silos or holders are many.
    /// A record of another sole owner proves that its process and holders are gone, so only the quarantine of their work has to be waited for.
    /// </summary>
    public string? SoleOwner { get; init; }

    /// <summary>Lives that may be registered at once. 1 to 100,000; default 10,000. Beyond it a holder is refused.</summary>
    public int MaxHolders { get; init; } = 10_000;

    /// <summary>Leases that programs may hold at once by themselves. 1 to 10,000; default 1,000. Beyond it none is granted. Each write of the record writes them all.</summary>
    public int MaxLeases { get; init; } = 1_000;

    /// <summary>While several holders contend, idle permits stay with the ledger for so long after the last ticket had to wait. Default 100 ms.</summary>
    public TimeSpan ContentionHold { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A recall that was not answered, or a decision that was not acknowledged, is pushed again after so long. Default 200 ms.</summary>
    public TimeSpan PushRetry { get; init; } = TimeSpan.FromMilliseconds(200);
}
