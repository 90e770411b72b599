namespace Admission.Simulation;

/// <summary>
/// The durable record of one backend. A write that begins an epoch is conditional on the version that was read; a later write of
/// that epoch is conditional on the epoch, and on no younger write of it being there, as a version per row gives both in a database.
/// </summary>
internal sealed class RecordStore(LedgerState first)
{
    private long _lastWrite;

    public LedgerState State { get; private set; } = first;

    public long Version { get; private set; }

    public StoreOutcome Execute(StoreOperation operation)
    {
        switch (operation.Kind)
        {
            case StoreKind.Read:
                operation.Found = State;
                operation.FoundVersion = Version;
                return StoreOutcome.Stored;
            case StoreKind.BeginEpoch when operation.Condition == Version:
                _lastWrite = 0;
                break;
            case StoreKind.BeginEpoch:
                return StoreOutcome.Superseded;
            default:
                if (operation.State!.Epoch != State.Epoch)
                {
                    return StoreOutcome.Superseded;
                }

                if (operation.Condition <= _lastWrite)
                {
                    return StoreOutcome.Failed;
                }

                _lastWrite = operation.Condition;
                break;
        }

        State = operation.State!;
        Version++;
        return StoreOutcome.Stored;
    }
}

/// <summary>What an operation does.</summary>
internal enum StoreKind
{
    None = 0,
    Read,
    BeginEpoch,
    Write,
    HandOver,
}

/// <summary>One operation on its way to the store or back.</summary>
internal sealed class StoreOperation(StoreKind kind, LedgerState? state, long condition, StoreRequest? request)
{
    public StoreKind Kind { get; } = kind;

    public LedgerState? State { get; } = state;

    /// <summary>For the beginning of an epoch the version that was read, else the number of the write in its epoch.</summary>
    public long Condition { get; } = condition;

    public StoreRequest? Request { get; } = request;

    public LedgerState? Found { get; set; }

    public long FoundVersion { get; set; }

    public StoreOutcome Outcome { get; set; }

    /// <summary>True time.</summary>
    public long BeganAt { get; set; }

    /// <summary>Its activation has taken an answer, or given up.</summary>
    public bool Done { get; set; }
}
