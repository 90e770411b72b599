using Admission.Capacity;
using Orleans.Core;

namespace Admission.Grains.Tests;

/// <summary>A record in storage that can be changed from outside and made to fail.</summary>
internal sealed class StoreProbe : IStorage<LedgerState>
{
    public LedgerState Stored { get; set; } = new();

    public Exception? Failure { get; set; }

    public int Writes { get; private set; }

    public LedgerState State
    {
        get => field ??= Stored;
        set;
    }

    public string? Etag => null;

    public bool RecordExists => true;

    public Task ReadStateAsync()
    {
        State = Stored;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync()
    {
        Writes++;
        if (Failure is { } failure)
        {
            throw failure;
        }

        Stored = State;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync() => throw new NotSupportedException();
}
