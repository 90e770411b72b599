namespace Admission.Capacity;

/// <summary>
/// What the gateways have counted of a policy that is decided in shadow: the newest totals of each, also of those that are gone, for the present policy alone. Totals of the
/// 1,000 gateways that were heard of last; they are in memory only, and a ledger that begins elsewhere hears them again from those gateways that are there.
/// </summary>
/// <param name="clock">The ledger's clock.</param>
internal sealed class ShadowBook(MonotonicClock clock)
{
    /// <summary>The most gateways of which totals are kept.</summary>
    public const int MostHolders = 1_000;

    private readonly Dictionary<string, (ShadowTotals Totals, long Heard)> _holders = new(StringComparer.Ordinal);
    private long _policyVersion;

    /// <summary>Takes a gateway's totals, which are its newest. Those of another policy than the present one are left out: while gateways are replaced, some still have the former.</summary>
    public void Note(string holder, ShadowTotals totals, long policyVersion)
    {
        Turn(policyVersion);
        if (totals.PolicyVersion != 0 && totals.PolicyVersion != policyVersion)
        {
            _holders.Remove(holder);
            return;
        }

        if (_holders.Count >= MostHolders && !_holders.ContainsKey(holder))
        {
            _holders.Remove(_holders.MinBy(each => each.Value.Heard).Key);
        }

        _holders[holder] = (totals, clock.Now);
    }

    /// <summary>All totals together; null if there are none.</summary>
    public ShadowTotals? Sum(long policyVersion)
    {
        Turn(policyVersion);
        var now = clock.Now;
        return ShadowTotals.Sum(_holders.Values.Select(each => each.Totals with { Age = each.Totals.Age + clock.Between(each.Heard, now) }));
    }

    private void Turn(long policyVersion)
    {
        if (_policyVersion != policyVersion)
        {
            _policyVersion = policyVersion;
            _holders.Clear();
        }
    }
}
