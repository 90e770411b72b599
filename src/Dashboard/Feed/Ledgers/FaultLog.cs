namespace Admission.Dashboard.Feed.Ledgers;

/// <summary>What the feed itself has seen go wrong while somebody looked; the last 200. Thread-safe.</summary>
internal sealed class FaultLog
{
    /// <summary>Faults that are remembered.</summary>
    public const int Most = 200;

    private readonly Lock _gate = new();
    private readonly Queue<FaultRow> _faults = new();

    /// <summary>Adds one.</summary>
    public void Add(FaultRow fault)
    {
        lock (_gate)
        {
            if (_faults.Count == Most)
            {
                _faults.Dequeue();
            }

            _faults.Enqueue(fault);
        }
    }

    /// <summary>All, or those of one backend.</summary>
    public FaultRow[] Read(string? backend = null)
    {
        lock (_gate)
        {
            return [.. _faults.Where(fault => backend is null || string.Equals(fault.Backend, backend, StringComparison.OrdinalIgnoreCase))];
        }
    }
}
