namespace Admission.Capacity;

/// <content>
/// Those in use: each request's permits have a slot, whose generation grows when they come back, so that a second release is found out. They may come back without the pool's lock: then they are in use until
/// <see cref="BookReturned"/>.
/// </content>
internal sealed partial class PoolPermits
{
    /// <summary>Nobody asks how long the client stays.</summary>
    public const long NotWatched = -1;

    /// <summary>The client has left.</summary>
    public const long HasLeft = -2;

    private const int None = -1;

    // Who returns permits without the lock may have the array from before it grew: the slots are the same.
    private Slot[] _slots = [];
    private int _slotsMade;
    private int _firstFree = None;

    /// <summary>The slot that came back last without the lock, each with the one before; taken as a whole.</summary>
    private int _lastReturned = None;

    /// <summary>Takes a slot for the permits of one request.</summary>
    /// <param name="destination">Where they are in use.</param>
    /// <param name="weight">How many they are.</param>
    /// <param name="sampledFrom">When they were granted, if that is measured; else <see cref="MonotonicClock.Never"/>.</param>
    /// <param name="waited">How long the client had waited, if it is watched; else <see cref="NotWatched"/>.</param>
    public (int Slot, int Generation) Take(PoolDestination destination, int weight, long sampledFrom, long waited)
    {
        if (_firstFree == None)
        {
            MakeSlot();
        }

        var index = _firstFree;
        var slot = _slots[index];
        _firstFree = slot.Next;
        slot.Destination = destination;
        slot.Weight = weight;
        slot.SampledFrom = sampledFrom;
        slot.Waited = waited;
        slot.Era = destination.Era;
        return (index, slot.Generation);
    }

    /// <summary>Frees a slot.</summary>
    /// <exception cref="InvalidOperationException">The permit was released before.</exception>
    public (PoolDestination Destination, int Weight, long SampledFrom, long Waited, int Era) Return(int index, int generation)
    {
        var slot = _slots[index];
        slot.End(generation);
        Free(index, slot);
        return (slot.Destination, slot.Weight, slot.SampledFrom, slot.Waited, slot.Era);
    }

    /// <summary>Puts permits back without the pool's lock: a full fence.</summary>
    /// <returns>False for those that are measured (all that are watched are), which somebody has to look at.</returns>
    /// <exception cref="InvalidOperationException">The permit was released before.</exception>
    public bool TryReturnUnlocked(int index, int generation)
    {
        var slot = Volatile.Read(ref _slots)[index];
        if (slot.SampledFrom != MonotonicClock.Never)
        {
            return false;
        }

        slot.End(generation);
        var last = Volatile.Read(ref _lastReturned);
        while (true)
        {
            slot.Next = last;
            var seen = Interlocked.CompareExchange(ref _lastReturned, index, last);
            if (seen == last)
            {
                return true;
            }

            last = seen;
        }
    }

    /// <summary>Books what came back without the lock.</summary>
    /// <param name="servedAt">When it has served at the earliest.</param>
    /// <returns>Whether there was any.</returns>
    public bool BookReturned(long servedAt)
    {
        if (Volatile.Read(ref _lastReturned) == None)
        {
            return false;
        }

        var index = Interlocked.Exchange(ref _lastReturned, None);
        while (index != None)
        {
            var slot = _slots[index];
            var before = slot.Next;
            Free(index, slot);
            Release(slot.Destination, slot.Weight);
            slot.Destination.ServedAt = Math.Max(slot.Destination.ServedAt, servedAt);
            index = before;
        }

        return true;
    }

    /// <summary>Ends the watch over a client; false when there is none (any more).</summary>
    public bool TryEndWatch(int index, int generation, bool left, out long since, out long waited)
    {
        var slot = _slots[index];
        (since, waited) = (slot.SampledFrom, slot.Waited);
        if (slot.Generation != generation || waited < 0)
        {
            return false;
        }

        slot.Waited = left ? HasLeft : NotWatched;
        return true;
    }

    /// <summary>Notes whose client is watched.</summary>
    public void SetTenant(int index, string? tenant) => _slots[index].Tenant = tenant;

    /// <summary>Whose client was watched last in a slot.</summary>
    public string? TenantOf(int index) => _slots[index].Tenant;

    private void MakeSlot()
    {
        if (_slotsMade == _slots.Length)
        {
            var more = new Slot[Math.Max(16, 2 * _slots.Length)];
            _slots.CopyTo(more, 0);
            Volatile.Write(ref _slots, more);
        }

        _slots[_slotsMade] = new Slot();
        Free(_slotsMade, _slots[_slotsMade]);
        _slotsMade++;
    }

    private void Free(int index, Slot slot)
    {
        slot.Next = _firstFree;
        _firstFree = index;
    }

    private sealed class Slot
    {
        private int _generation;

        public int Generation => _generation;

        /// <summary>The next free one, or the one that came back before.</summary>
        public int Next { get; set; }

        public PoolDestination Destination { get; set; } = null!;

        public int Weight { get; set; }

        public int Era { get; set; }

        public long SampledFrom { get; set; }

        /// <summary>While the client is watched: how long it had waited when the permit was granted.</summary>
        public long Waited { get; set; }

        /// <summary>The tenant of the client that is or was watched; says nothing where none is.</summary>
        public string? Tenant { get; set; }

        /// <summary>The permits come back.</summary>
        public void End(int generation)
        {
            if (Interlocked.CompareExchange(ref _generation, generation + 1, generation) != generation)
            {
                throw new InvalidOperationException("This permit has been released before: release each permit exactly once.");
            }
        }
    }
}
