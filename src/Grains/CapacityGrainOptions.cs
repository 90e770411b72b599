using Admission.Capacity;

namespace Admission.Grains;

/// <summary>The settings of all capacity grains of a silo.</summary>
public sealed class CapacityGrainOptions
{
    /// <summary>
    /// How long after a confirmed write a ledger may grant and renew. 1 s to 5 minutes; default 10 s. A successor of a crashed silo waits for it,
    /// unless all holders report before.
    /// </summary>
    public TimeSpan AuthorityTtl { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Holders that one backend may have. 1 to 100,000; default 10,000.</summary>
    public int MaxHolders { get; set; } = 10_000;

    /// <summary>This run of the process, where it alone has the storage and all holders; else null.</summary>
    internal string? SoleOwner { get; set; }

    internal bool IsValid => AuthorityTtl >= TimeSpan.FromSeconds(1) && AuthorityTtl <= TimeSpan.FromMinutes(5) && MaxHolders is >= 1 and <= 100_000;

    internal LedgerOptions ToLedgerOptions() => new() { AuthorityTtl = AuthorityTtl, MaxHolders = MaxHolders, SoleOwner = SoleOwner };
}
