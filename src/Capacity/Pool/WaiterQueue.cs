using System.Diagnostics;

namespace Admission.Capacity;

/// <summary>
/// The waiting requests of a pool, ordered by priority (smaller first), then by arrival. Adding and removing cost no more than the logarithm of the number
/// of priorities in use. Not thread-safe.
/// </summary>
/// <remarks>The requests themselves are linked: a node for each would be memory that every request takes while it waits.</remarks>
internal sealed class WaiterQueue
{
    private readonly SortedList<int, Level> _levels = [];

    public int Count { get; private set; }

    /// <summary>The next to serve, or null.</summary>
    public WaitingRequest? First => _levels.Count == 0 ? null : _levels.Values[0].First;

    /// <summary>The youngest of the last priority, or null.</summary>
    public WaitingRequest? Last => _levels.Count == 0 ? null : _levels.Values[^1].Last;

    public void Add(WaitingRequest waiter)
    {
        Debug.Assert(!waiter.IsQueued, "A request is in one queue.");
        if (!_levels.TryGetValue(waiter.Request.Priority, out var level))
        {
            level = new Level();
            _levels.Add(waiter.Request.Priority, level);
        }

        waiter.Queue = this;
        waiter.Before = level.Last;
        if (level.Last is { } last)
        {
            last.After = waiter;
        }
        else
        {
            level.First = waiter;
        }

        level.Last = waiter;
        Count++;
    }

    public void Remove(WaitingRequest waiter)
    {
        Debug.Assert(ReferenceEquals(waiter.Queue, this), "The request is in this queue.");
        var level = _levels[waiter.Request.Priority];
        if (waiter.Before is { } before)
        {
            before.After = waiter.After;
        }
        else
        {
            level.First = waiter.After;
        }

        if (waiter.After is { } after)
        {
            after.Before = waiter.Before;
        }
        else
        {
            level.Last = waiter.Before;
        }

        waiter.Queue = null;
        waiter.Before = waiter.After = null;
        Count--;
        if (level.First is null)
        {
            _levels.Remove(waiter.Request.Priority);
        }
    }

    /// <summary>The requests of one priority, of which there is at least one.</summary>
    private sealed class Level
    {
        public WaitingRequest? First { get; set; }

        public WaitingRequest? Last { get; set; }
    }
}
