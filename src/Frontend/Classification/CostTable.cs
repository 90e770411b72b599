namespace Admission.Frontend.Classification;

/// <summary>What requests cost, by kind. Bounded; of two parts, so that kinds which come once cannot push out those that come all the time. Thread-safe.</summary>
/// <remarks>
/// A kind begins among the new ones (at most 200, the one used longest ago is forgotten first), and moves to the known ones (at most 800, the same rule) when
/// it has an estimate. So a client that makes up paths only replaces other made-up paths.
/// </remarks>
internal sealed class CostTable(TimeSpan reference)
{
    /// <summary>The most kinds with an estimate.</summary>
    public const int MostKnown = 800;

    /// <summary>The most kinds that have none yet.</summary>
    public const int MostNew = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _known = new();
    private readonly LinkedList<Entry> _new = new();

    /// <summary>The time that one permit stands for.</summary>
    public TimeSpan Reference => reference;

    /// <summary>Kinds remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The weight of a kind; null while it is not known.</summary>
    public int? Weight(ReadOnlySpan<char> kind)
    {
        lock (_lock)
        {
            if (!_entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(kind, out var node))
            {
                return null;
            }

            Touch(node);
            return node.Value.Cost.Weight;
        }
    }

    /// <summary>Takes one request's time in the backend.</summary>
    /// <param name="kind">The kind of request.</param>
    /// <param name="time">The time.</param>
    public void Add(ReadOnlySpan<char> kind, TimeSpan time)
    {
        lock (_lock)
        {
            if (!_entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(kind, out var node))
            {
                Forget(_new, MostNew - 1);
                var entry = new Entry(kind.ToString());
                node = _new.AddFirst(entry);
                _entries.Add(entry.Kind, node);
            }

            node.Value.Cost.Add(time, reference);
            if (node.List == _new && node.Value.Cost.Weight is not null)
            {
                Forget(_known, MostKnown - 1);
                _new.Remove(node);
                _known.AddFirst(node);
            }

            Touch(node);
        }
    }

    private static void Touch(LinkedListNode<Entry> node)
    {
        var list = node.List!;
        if (list.First != node)
        {
            list.Remove(node);
            list.AddFirst(node);
        }
    }

    private void Forget(LinkedList<Entry> list, int most)
    {
        while (list.Count > most)
        {
            _entries.Remove(list.Last!.Value.Kind);
            list.RemoveLast();
        }
    }

    private sealed class Entry(string kind)
    {
        public string Kind { get; } = kind;

        public CostEstimate Cost { get; } = new();
    }
}
