namespace Admission.Capacity;

/// <summary>
/// The permits of one life that are in use. Each has a slot, whose generation grows with every use, so that a second
/// release of one permit is found out. Not thread-safe: guarded by the pool's lock.
/// </summary>
internal sealed class PermitSlots
{
    /// <summary>Nobody asks how long the client stays.</summary>
    public const long NotWatched = -1;

    /// <summary>The client has left.</summary>
    public const long HasLeft = -2;

    private Slot[] _slots = new Slot[16];
    private int _firstFree = -1;
    private int _used;

    public int Count { get; private set; }

    public (int Slot, int Generation) Take(PoolDestination destination, int weight, long sampledFrom, long waited)
    {
        int index;
        if (_firstFree >= 0)
        {
            index = _firstFree;
            _firstFree = _slots[index].NextFree;
        }
        else
        {
            if (_used == _slots.Length)
            {
                Array.Resize(ref _slots, _slots.Length * 2);
            }

            index = _used++;
        }

        ref var slot = ref _slots[index];
        slot.Generation++;
        slot.Destination = destination;
        slot.Weight = weight;
        slot.SampledFrom = sampledFrom;
        slot.Waited = waited;
        slot.Era = destination.Era;
        Count++;
        return (index, slot.Generation);
    }

    /// <summary>Frees a slot.</summary>
    /// <exception cref="InvalidOperationException">The permit was released before.</exception>
    public (PoolDestination Destination, int Weight, long SampledFrom, long Waited, int Era) Return(int index, int generation)
    {
        ref var slot = ref _slots[index];
        if (slot.Generation != generation || slot.Destination is not { } destination)
        {
            throw new InvalidOperationException("This permit has been released before: release each permit exactly once.");
        }

        slot.Destination = null;
        slot.NextFree = _firstFree;
        _firstFree = index;
        Count--;
        return (destination, slot.Weight, slot.SampledFrom, slot.Waited, slot.Era);
    }

    /// <summary>Ends the watch over a client; false when there is none (any more).</summary>
    public bool TryEndWatch(int index, int generation, bool left, out long since, out long waited)
    {
        ref var slot = ref _slots[index];
        (since, waited) = (slot.SampledFrom, slot.Waited);
        if (slot.Generation != generation || slot.Destination is null || waited < 0)
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

    private struct Slot
    {
        /// <summary>The tenant of the client that is or was watched; says nothing where none is.</summary>
        public string? Tenant;

        public PoolDestination? Destination;
        public int Generation;
        public int Weight;
        public int NextFree;
        public int Era;
        public long SampledFrom;

        /// <summary>While the client is watched: how long it had waited when the permit was granted.</summary>
        public long Waited;
    }
}
