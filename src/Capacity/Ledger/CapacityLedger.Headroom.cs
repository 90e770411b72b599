namespace Admission.Capacity;

/// <content>What of the limit the pools may keep idle, and what stays with the ledger for those that run short.</content>
/// <remarks>
/// <para>
/// A ticket that finds every permit shared out recalls the idle ones of all holders, and afterwards each of them has to ask for its headroom again: with a thousand holders
/// that is thousands of messages for one ticket. So the ledger shares out less than the limit, and serves who runs short from the rest, by one exchange.
/// </para>
/// <para>
/// What it shares out it spreads by square-root staffing (S. Halfin, W. Whitt, "Heavy-Traffic Limits for Queues with Many Exponential Servers", Operations Research 29(3), 1981): a holder with a load of <em>a</em>
/// permits gets a + c sqrt(a), with the same <em>c</em> for all, so that none runs short much oftener than another (Erlang's loss formula).
/// </para>
/// <para>
/// And while there is plenty, a pool keeps what its bursts have brought it, up to the whole headroom, rather than give each permit back at its release and ask for it again.
/// </para>
/// </remarks>
public sealed partial class CapacityLedger
{
    /// <summary>The part of the limit that is kept back at most, and must be free for pools to keep what they have: one in so many.</summary>
    private const int ReserveOfLimit = 8;

    /// <summary>With few holders a recall costs little: one permit is kept back for so many of them, and none if there are fewer.</summary>
    private const int HoldersPerReserve = 4;

    private double _totalLoad;
    private double _totalSpread;

    /// <summary>
    /// Permits that no pool is given to keep idle; tickets get them. At least the root of the limit, because those who run short do so by chance, and the sum of such chances varies by its root.
    /// </summary>
    private int Reserve
    {
        get
        {
            var forHolders = _accounts.Count / HoldersPerReserve;
            return forHolders == 0 ? 0 : Math.Min(_destinations.Limit / ReserveOfLimit, Math.Max(forHolders, (int)Math.Sqrt(_destinations.Limit)));
        }
    }

    /// <summary>Grants for idle permits may take so many at present.</summary>
    private int FreeForHeadroom => _destinations.Free - Reserve;

    /// <summary>A pool's share of what is given to keep (<see cref="Staffing"/>); while plenty is free at least what it has.</summary>
    private long ShareOf(HolderAccount account)
    {
        var share = Staffing(account.Load, _destinations.Limit - Reserve);
        var isPlenty = _destinations.Free >= Math.Max(Math.Max(1, Reserve), _destinations.Limit / ReserveOfLimit);
        return isPlenty ? Math.Max(share, account.Booked) : share;
    }

    /// <summary>Square-root staffing of what is shared out; in proportion to the loads where these alone are more than that.</summary>
    private long Staffing(HolderLoad load, int shared)
    {
        if (load.Mean <= 0)
        {
            return 0;
        }

        var idle = shared - _totalLoad;
        var exact = idle > 0 ? load.Mean + (idle * load.Spread / _totalSpread) : load.Mean * shared / _totalLoad;

        // Rounded down, or the sum of many shares would be more than is shared out: the reserve would be kept idle by those who need it least. A whole share is whole, whatever the arithmetic makes of it.
        return (long)Math.Floor(exact + 1e-6);
    }

    /// <summary>Takes the load of an account's newest report into the sums. Called before that report's work is booked.</summary>
    private void NoteLoad(HolderAccount account, HolderReport report, long now)
    {
        ForgetLoad(account);
        if (account.WorkAt != MonotonicClock.Never)
        {
            account.Load.Add(account.Work, report.Work, _clock.Between(account.WorkAt, now));
        }

        account.WorkAt = now;
        account.Load.Find(report.Demand);
        _totalLoad += account.Load.Mean;
        _totalSpread += account.Load.Spread;
    }

    private void ForgetLoad(HolderAccount account)
    {
        _totalLoad -= account.Load.Mean;
        _totalSpread -= account.Load.Spread;
    }
}
