using Admission.Capacity;
using Orleans.Core;
using Orleans.Storage;

namespace Admission.Grains.Tests.Authority;

/// <summary>A backend's record that activations share: a write succeeds only on top of what its writer has seen last.</summary>
internal sealed class SharedRecord
{
    private LedgerState _stored = new();
    private long _version;

    public LedgerState Stored => _stored;

    public Exception? Failure { get; set; }

    /// <summary>Called before the next write of a handle.</summary>
    public Func<Task>? BeforeWrite { get; set; }

    public void Put(LedgerState state)
    {
        _stored = state;
        _version++;
    }

    public IStorage<LedgerState> Open() => new Handle(this);

    private sealed class Handle(SharedRecord record) : IStorage<LedgerState>
    {
        private long _seen = record._version;

        public LedgerState State { get; set; } = record._stored;

        public string? Etag => $"{_seen}";

        public bool RecordExists => true;

        public Task ReadStateAsync()
        {
            Fail();
            State = record._stored;
            _seen = record._version;
            return Task.CompletedTask;
        }

        public async Task WriteStateAsync()
        {
            if (record.BeforeWrite is { } first)
            {
                record.BeforeWrite = null;
                await first();
            }

            Fail();
            if (_seen != record._version)
            {
                throw new InconsistentStateException($"Seen was version {_seen}, there is {record._version}.");
            }

            record.Put(State);
            _seen = record._version;
        }

        public Task ClearStateAsync() => throw new NotSupportedException();

        private void Fail()
        {
            if (record.Failure is { } failure)
            {
                throw failure;
            }
        }
    }
}
