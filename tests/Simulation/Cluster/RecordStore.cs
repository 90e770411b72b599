namespace Admission.Simulation;

/// <summary>
/// The durable record of one backend. A write that begins an epoch is conditional on the version that was read; a later write of
/// that epoch is conditional on the epoch, and on no younger write of it being there, as a version per row gives both in a database.
/// Beside it stands the highest epoch that was claimed.
/// </summary>
internal sealed class RecordStore(World world, LedgerState first)
{
    private long _lastWrite;

    public LedgerState State { get; private set; } = first;

    public long Version { get; private set; }

    /// <summary>The highest epoch that was claimed; 0 before the first claim.</summary>
    public long Claimed { get; private set; }

    public StoreOutcome Execute(StoreOperation operation)
    {
        switch (operation.Kind)
        {
            case StoreKind.Read:
                operation.Found = State;
                operation.FoundVersion = Version;
                return StoreOutcome.Stored;
            case StoreKind.Claim:
                Claim(operation);
                return StoreOutcome.Stored;
            case StoreKind.Renew:
                operation.StillOurs = world.Tamper.StillOurs(operation.Epoch == Claimed);
                return StoreOutcome.Stored;
            case StoreKind.BeginEpoch when operation.Condition == Version:
                world.Checks.EpochBegins(operation.State!.Epoch, State.Epoch);
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

    /// <summary>One statement: the epoch after the highest of those claimed and recorded. The record is the one that the claimer has read.</summary>
    private void Claim(StoreOperation operation)
    {
        var claimed = world.Tamper.Claim(Claimed, operation.Found!.Epoch);
        world.Checks.EpochClaimed(claimed, Claimed, operation.Found.Epoch);
        operation.Epoch = Claimed = claimed;
    }
}
