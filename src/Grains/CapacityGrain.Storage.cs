using Admission.Capacity;
using Orleans.Storage;

namespace Admission.Grains;

/// <content>Writes the ledger's record.</content>
public sealed partial class CapacityGrain
{
    /// <summary>Waits for the write under way, or writes. Never throws: the ledger learns the outcome.</summary>
    private async Task StoreAsync()
    {
        if (_store is { } writing)
        {
            await writing;
            return;
        }

        if (!_ledger.StoreNeeded)
        {
            return;
        }

        var write = WriteAsync();
        _store = write.IsCompleted ? null : write;
        await write;
    }

    private async Task WriteAsync()
    {
        var request = _ledger.BeginStore();
        var outcome = await TryWriteAsync(request.State);
        _store = null;
        _storeRetry = outcome == StoreOutcome.Failed ? NextStoreRetry() : TimeSpan.Zero;
        _ledger.EndStore(request, outcome);
        AfterTurn();
    }

    private async Task<StoreOutcome> TryWriteAsync(LedgerState state)
    {
        try
        {
            _storage.State = state;
            await _storage.WriteStateAsync();
            NoteStored();
            return StoreOutcome.Stored;
        }
        catch (Exception exception)
        {
            NoteStoreFailed(exception);
            return await FindOutAsync();
        }
    }

    /// <summary>
    /// Whether a failed write was in vain because a successor is there. Reading also brings the present ETag, without which a write that
    /// arrived although its answer was lost would make every later one fail.
    /// </summary>
    private async Task<StoreOutcome> FindOutAsync()
    {
        try
        {
            await _storage.ReadStateAsync();
            return _storage.State.Epoch > _ledger.Epoch ? StoreOutcome.Superseded : StoreOutcome.Failed;
        }
        catch (Exception exception)
        {
            LogStoreFailedAgain(exception, _backend, _ledger.Epoch, _storeFailures);
            return StoreOutcome.Failed;
        }
    }

    /// <summary>Says it once: a database that is away fails every ledger's write again and again.</summary>
    private void NoteStoreFailed(Exception exception)
    {
        if (_storeFailures++ == 0)
        {
            LogStoreFailed(exception, _backend, _ledger.Epoch);
        }
        else
        {
            LogStoreFailedAgain(exception, _backend, _ledger.Epoch, _storeFailures);
        }
    }

    private void NoteStored()
    {
        if (_storeFailures > 0)
        {
            LogStoredAgain(_backend, _ledger.Epoch, _storeFailures);
            _storeFailures = 0;
        }
    }

    private TimeSpan NextStoreRetry()
    {
        var next = _storeRetry == TimeSpan.Zero ? ShortestStoreRetry : _storeRetry * 2;
        return next > LongestStoreRetry ? LongestStoreRetry : next;
    }
}
