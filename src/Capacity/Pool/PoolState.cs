namespace Admission.Capacity;

/// <summary>A pool at one instant, for people and health checks.</summary>
/// <param name="Held">Permits that it holds, idle or in use.</param>
/// <param name="InUse">Those in use.</param>
/// <param name="Waiting">Requests that wait here.</param>
/// <param name="LeaseLeft">How long its permits may still be used if the ledger does not renew the lease; zero without a lease.</param>
/// <param name="IsDetached">The ledger does not answer, or not with grants: the pool serves from what it holds. Not said of a pool that has nothing, was not used for a minute, and asks no more.</param>
/// <param name="DetachedFor">Then how long ago the ledger last booked a report; else zero.</param>
/// <param name="LedgerStatus">What the ledger last said of itself; None before its first answer.</param>
/// <param name="Exchanges">Exchanges with the ledger that it has begun since it was made: its messages to the grain.</param>
public readonly record struct PoolState(
    int Held, int InUse, int Waiting, TimeSpan LeaseLeft, bool IsDetached, TimeSpan DetachedFor, LedgerStatus LedgerStatus, long Exchanges)
{
    /// <summary>Whether there is a lease.</summary>
    public bool HasLease => LeaseLeft > TimeSpan.Zero;

    /// <summary>The ledger does not answer, and the lease has run out (or there never was one): every request is refused.</summary>
    public bool IsCutOff => IsDetached && !HasLease && LedgerStatus != LedgerStatus.Recovering;
}
