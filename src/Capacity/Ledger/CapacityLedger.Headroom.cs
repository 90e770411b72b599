namespace Admission.Capacity;

/// <content>What of the limit the pools may keep idle, and what stays with the ledger for those that run short.</content>
/// <remarks>
/// <para>
/// A ticket that finds every permit shared out recalls the idle ones of all holders, and afterwards each of them has to ask for its headroom again: with a thousand holders
/// that is thousands of messages for one ticket. So the ledger shares out less than the limit, and serves who runs short from the rest, by one exchange.
/// </para>
/// <para>
/// And while there is plenty, a pool keeps what its bursts have brought it, up to the whole headroom, rather than give each permit back at its release and ask for it again.
/// </para>
/// </remarks>
public sealed partial class CapacityLedger
{
    /// <summary>The part of the limit that is kept back at most, and must be free for pools to keep what they have: one in so many.</summary>
    private const int ReserveOfLimit = 8;

    /// <summary>With few holders a recall costs little: one permit is kept back for so many of them.</summary>
    private const int HoldersPerReserve = 4;

    /// <summary>Permits that no pool is given to keep idle; tickets get them.</summary>
    private int Reserve => Math.Min(_destinations.Limit / ReserveOfLimit, _accounts.Count / HoldersPerReserve);

    /// <summary>Grants for idle permits may take so many at present.</summary>
    private int FreeForHeadroom => _destinations.Free - Reserve;

    /// <summary>A pool's share of what is given to keep, in proportion to everybody's demand; while plenty is free at least what it has.</summary>
    private long ShareOf(HolderAccount account)
    {
        var share = (long)(_destinations.Limit - Reserve) * account.Demand / Math.Max(1, _totalDemand);
        var isPlenty = _destinations.Free >= Math.Max(Math.Max(1, Reserve), _destinations.Limit / ReserveOfLimit);
        return isPlenty ? Math.Max(share, account.Booked) : share;
    }
}
