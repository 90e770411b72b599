using Admission.Capacity;
using Admission.Grains.Telemetry;

namespace Admission.Grains;

/// <summary>The settings of all capacity grains of a silo.</summary>
public sealed class CapacityGrainOptions
{
    private TimeSpan? _authorityTtl;

    /// <summary>
    /// How long after a confirmation a ledger may grant and renew. 1 s to 5 minutes; default 10 s, and 45 s where the silo renews it in a database, so that the database may
    /// be away for 30 s without any effect. A successor of a crashed or hung silo waits for it, unless all holders report before.
    /// </summary>
    public TimeSpan AuthorityTtl
    {
        get => _authorityTtl ?? TimeSpan.FromSeconds(RenewedBySilo ? 45 : 10);
        set => _authorityTtl = value;
    }

    /// <summary>
    /// Where the silo renews the authority of its ledgers in a database: how often. 100 ms to 1 minute, at most a third of <see cref="AuthorityTtl"/>, so that two
    /// renewals may fail; default 5 s. Without a database it has no effect.
    /// </summary>
    public TimeSpan AuthorityRenewal { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Holders that one backend may have. 1 to 100,000; default 10,000.</summary>
    public int MaxHolders { get; set; } = 10_000;

    /// <summary>Leases that programs may hold of one backend by themselves. 1 to 10,000; default 1,000.</summary>
    public int MaxLeases { get; set; } = 1_000;

    /// <summary>This run of the process, where it alone has the storage and all holders; else null.</summary>
    internal string? SoleOwner { get; set; }

    /// <summary>The silo renews its ledgers' authority; else each ledger does, by writing its record.</summary>
    internal bool RenewedBySilo { get; set; }

    /// <summary>Shows the ledgers of this process; null for nobody who looks.</summary>
    internal LedgerMetrics? Metrics { get; set; }

    internal IEnumerable<string> Mistakes()
    {
        if (AuthorityTtl < TimeSpan.FromSeconds(1) || AuthorityTtl > TimeSpan.FromMinutes(5))
        {
            yield return $"AuthorityTtl is {AuthorityTtl}; it must be 1 s to 5 minutes.";
        }

        if (MaxHolders is < 1 or > 100_000)
        {
            yield return $"MaxHolders is {MaxHolders}; it must be 1 to 100,000.";
        }

        if (MaxLeases is < 1 or > 10_000)
        {
            yield return $"MaxLeases is {MaxLeases}; it must be 1 to 10,000.";
        }

        if (AuthorityRenewal < TimeSpan.FromMilliseconds(100) || AuthorityRenewal > TimeSpan.FromMinutes(1))
        {
            yield return $"AuthorityRenewal is {AuthorityRenewal}; it must be 100 ms to 1 minute.";
        }
        else if (RenewedBySilo && AuthorityTtl < 3 * AuthorityRenewal)
        {
            yield return $"AuthorityTtl is {AuthorityTtl}, less than three times AuthorityRenewal, which is {AuthorityRenewal}: a single failed renewal could end the authority. "
                + "Give AuthorityTtl more, or AuthorityRenewal less.";
        }
    }

    internal LedgerOptions ToLedgerOptions() => new()
    {
        AuthorityTtl = AuthorityTtl, MaxHolders = MaxHolders, MaxLeases = MaxLeases, SoleOwner = SoleOwner, RenewedByWrites = !RenewedBySilo,
    };
}
