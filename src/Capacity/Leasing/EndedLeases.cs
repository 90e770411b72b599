namespace Admission.Capacity;

/// <summary>How the last leases ended, for the answer to whoever comes late. The oldest are forgotten: their holders are told that nobody knows of them.</summary>
internal sealed class EndedLeases
{
    /// <summary>So many are remembered by one ledger.</summary>
    private const int Most = 10_000;

    /// <summary>So many of them are in its record, which each write writes whole.</summary>
    private const int MostStored = 256;

    private readonly Dictionary<string, LeaseState> _states = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private readonly Queue<EndedLease> _newest = new();

    public void Add(string key, LeaseState state)
    {
        if (!_states.TryAdd(key, state))
        {
            return;
        }

        _order.Enqueue(key);
        _newest.Enqueue(new EndedLease(key, state));
        if (_newest.Count > MostStored)
        {
            _newest.Dequeue();
        }

        if (_order.Count > Most)
        {
            _states.Remove(_order.Dequeue());
        }
    }

    public LeaseState? Find(string key) => _states.TryGetValue(key, out var state) ? state : null;

    public EndedLease[]? ToStore() => _newest.Count == 0 ? null : [.. _newest];
}
