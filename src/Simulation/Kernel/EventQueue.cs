namespace Admission.Simulator;

/// <summary>What happens next in virtual time: a binary heap of values, ordered by time and then by the order of scheduling.</summary>
/// <typeparam name="TKind">The kinds of events that a world has.</typeparam>
public sealed class EventQueue<TKind>
    where TKind : struct, Enum
{
    private Event<TKind>[] _heap = new Event<TKind>[256];
    private long _order;

    /// <summary>Events to come.</summary>
    public int Count { get; private set; }

    /// <summary>Schedules an event.</summary>
    /// <param name="at">When, in ticks of <see cref="Timeline.Now"/>.</param>
    /// <param name="kind">What happens.</param>
    /// <param name="target">To whom, by an index that the world knows.</param>
    /// <param name="number">What tells this event from others of its kind.</param>
    /// <param name="item">What it carries.</param>
    public void Add(long at, TKind kind, int target, long number = 0, object? item = null)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, Count * 2);
        }

        var added = new Event<TKind>(at, ++_order, kind, target, number, item);
        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) >> 1;
            if (!added.Precedes(_heap[parent]))
            {
                break;
            }

            _heap[hole] = _heap[parent];
            hole = parent;
        }

        _heap[hole] = added;
    }

    /// <summary>Takes the earliest event.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Event<TKind> Take()
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("Nothing is to come.");
        }

        var first = _heap[0];
        var last = _heap[--Count];
        _heap[Count] = default;
        var hole = 0;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _heap[child + 1].Precedes(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].Precedes(last))
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        if (Count > 0)
        {
            _heap[hole] = last;
        }

        return first;
    }
}
