namespace Admission.Capacity;

/// <summary>A write that a ledger asks for.</summary>
public sealed class StoreRequest
{
    internal StoreRequest(LedgerState state, long beganAt, PolicySetting? policy, HolderAccount[] accounts)
    {
        State = state;
        BeganAt = beganAt;
        Policy = policy;
        Accounts = accounts;
    }

    /// <summary>The record to write.</summary>
    public LedgerState State { get; }

    internal long BeganAt { get; }

    internal PolicySetting? Policy { get; }

    internal HolderAccount[] Accounts { get; }
}
