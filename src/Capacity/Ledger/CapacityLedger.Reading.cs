namespace Admission.Capacity;

/// <content>What instruments show.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Reads the ledger as it stands, without an allocation unless it has got more destinations.</summary>
    /// <param name="into">Takes the numbers.</param>
    public void Read(LedgerReading into)
    {
        ArgumentNullException.ThrowIfNull(into);
        into.Epoch = _epoch;
        into.Status = Status(_clock.Now);
        into.Limit = _destinations.Limit;
        into.Idle = _totalIdle;
        into.Quarantined = _quarantined;
        into.InUse = _destinations.Booked - _totalIdle - _quarantined;
        into.Leases = _leases.Count;
        into.LeasesGranted = _leasesGranted;
        into.LeasesReclaimed = _leasesReclaimed;
        into.Waiting = _queue.Count;
        into.Holders = _accounts.Count;
        into.Take(_destinations.All);
    }
}
