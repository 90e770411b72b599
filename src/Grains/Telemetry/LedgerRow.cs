using Admission.Capacity;

namespace Admission.Grains.Telemetry;

/// <summary>What instruments show of one ledger, as long as it lives here.</summary>
internal sealed class LedgerRow(string backend, Action<LedgerRow> remove) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LedgerReading _reading = new();
    private readonly Dictionary<string, long> _ejections = new(StringComparer.Ordinal);

    public string Backend { get; } = backend;

    /// <summary>Takes the ledger's numbers; on a turn of its grain.</summary>
    public void Publish(CapacityLedger ledger)
    {
        lock (_gate)
        {
            ledger.Read(_reading);
        }
    }

    /// <summary>Counts the destinations that have been withheld, first or again.</summary>
    public void Count(IReadOnlyList<DestinationChange> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                if (change.To == DestinationCondition.Withheld)
                {
                    _ejections[change.Destination] = _ejections.GetValueOrDefault(change.Destination) + 1;
                }
            }
        }
    }

    /// <summary>Looks at the numbers published last, if there are any.</summary>
    public void Look(Action<LedgerReading> look)
    {
        lock (_gate)
        {
            if (_reading.Epoch > 0)
            {
                look(_reading);
            }
        }
    }

    public KeyValuePair<string, long>[] Ejections()
    {
        lock (_gate)
        {
            return [.. _ejections];
        }
    }

    public void Dispose() => remove(this);
}
