namespace Admission.Capacity;

/// <summary>
/// The permits of one life that are in use. Each has a slot, whose generation grows with every use, so that a second
/// release of one permit is found out. Not thread-safe: guarded by the pool's lock.
/// </summary>
internal sealed class PermitSlots
{
    private Slot[] _slots = new Slot[16];
    private int _firstFree = -1;
    private int _used;

    public int Count { get; private set; }

    public (int Slot, int Generation) Take(PoolDestination destination, int weight, long sampledFrom)
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
        slot.Era = destination.Era;
        Count++;
        return (index, slot.Generation);
    }

    /// <summary>Frees a slot.</summary>
    /// <exception cref="InvalidOperationException">The permit was released before.</exception>
    public (PoolDestination Destination, int Weight, long SampledFrom, int Era) Return(int index, int generation)
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
        return (destination, slot.Weight, slot.SampledFrom, slot.Era);
    }

    private struct Slot
    {
        public PoolDestination? Destination;
        public int Generation;
        public int Weight;
        public int NextFree;
        public int Era;
        public long SampledFrom;
    }
}
