namespace Admission.Capacity;

/// <summary>
/// The right to have one request in flight at one destination, given back once with <see cref="PermitPool.Release"/>.
/// A value: admitting allocates nothing.
/// </summary>
public readonly struct Permit : IEquatable<Permit>
{
    // A permit is copied for every request, so it stays small: the sign of the slot says whether it is watched, and the life knows the destination's name.
    private readonly int _slot;
    private readonly int _destination;

    internal Permit(HolderLife life, int slot, int generation, int destination)
    {
        Life = life;
        _slot = slot;
        Generation = generation;
        _destination = destination;
    }

    /// <summary>The destination that the ledger chose; empty where the policy names none.</summary>
    public string Destination => Life.Permits.NameOf(_destination);

    /// <summary>The life that holds the permit; its lease's end is this permit's end.</summary>
    public HolderLife Life { get; }

    /// <summary>
    /// The ledger learns from this request how patient clients are: tell the pool when its client leaves (<see cref="PermitPool.ClientLeft"/>), and when its
    /// answer begins (<see cref="PermitPool.ClientAnswered"/>).
    /// </summary>
    public bool IsWatched => _slot < 0;

    internal int Slot => _slot < 0 ? ~_slot : _slot;

    internal int Generation { get; }

    /// <summary>As the constructor takes it: the slot, or its complement where the client is watched.</summary>
    internal int SignedSlot => _slot;

    internal int DestinationIndex => _destination;

    /// <inheritdoc/>
    public bool Equals(Permit other) => ReferenceEquals(Life, other.Life) && Slot == other.Slot && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Permit other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Slot, Generation);
}
