namespace Admission.Capacity;

/// <summary>
/// A queue ordered by priority (smaller first), then by arrival. Adding and removing cost no more than the logarithm of the number
/// of priorities in use. Not thread-safe.
/// </summary>
internal sealed class PriorityFifo<T>
    where T : class
{
    private readonly SortedList<int, LinkedList<T>> _levels = [];

    public int Count { get; private set; }

    /// <summary>The next to serve, or null.</summary>
    public T? First => _levels.Count == 0 ? null : _levels.Values[0].First!.Value;

    /// <summary>The youngest of the last priority, or null.</summary>
    public T? Last => _levels.Count == 0 ? null : _levels.Values[^1].Last!.Value;

    public LinkedListNode<T> Add(T item, int priority)
    {
        if (!_levels.TryGetValue(priority, out var level))
        {
            level = new LinkedList<T>();
            _levels.Add(priority, level);
        }

        Count++;
        return level.AddLast(item);
    }

    public void Remove(LinkedListNode<T> node, int priority)
    {
        var level = _levels[priority];
        level.Remove(node);
        Count--;
        if (level.Count == 0)
        {
            _levels.Remove(priority);
        }
    }
}
