namespace Admission.Capacity;

/// <summary>A write that a ledger asks for.</summary>
public sealed class StoreRequest
{
    internal StoreRequest(LedgerState state, long beganAt, PolicySetting? policy, HolderAccount[] accounts, LedgerLease[] leases)
    {
        State = state;
        BeganAt = beganAt;
        Policy = policy;
        Accounts = accounts;
        Leases = leases;
    }

    /// <summary>The record to write.</summary>
    public LedgerState State { get; }

    internal long BeganAt { get; }

    internal PolicySetting? Policy { get; }

    internal HolderAccount[] Accounts { get; }

    /// <summary>The leases that were not stored before.</summary>
    internal LedgerLease[] Leases { get; }
}
