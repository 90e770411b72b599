namespace Admission.Capacity;

/// <summary>
/// The right to have one request in flight at one destination, given back once with <see cref="PermitPool.Release"/>.
/// A value: admitting allocates nothing.
/// </summary>
public readonly struct Permit : IEquatable<Permit>
{
    // The sign of the slot says whether it is watched: a permit is copied for every request, so it stays small.
    private readonly int _slot;

    internal Permit(HolderLife life, int slot, int generation, string destination, bool isWatched)
    {
        Life = life;
        _slot = isWatched ? ~slot : slot;
        Generation = generation;
        Destination = destination;
    }

    /// <summary>The destination that the ledger chose; empty where the policy names none.</summary>
    public string Destination { get; }

    /// <summary>The life that holds the permit; its lease's end is this permit's end.</summary>
    public HolderLife Life { get; }

    /// <summary>
    /// The ledger learns from this request how patient clients are: tell the pool when its client leaves (<see cref="PermitPool.ClientLeft"/>), and when its
    /// answer begins (<see cref="PermitPool.ClientAnswered"/>).
    /// </summary>
    public bool IsWatched => _slot < 0;

    internal int Slot => _slot < 0 ? ~_slot : _slot;

    internal int Generation { get; }

    /// <inheritdoc/>
    public bool Equals(Permit other) => ReferenceEquals(Life, other.Life) && Slot == other.Slot && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Permit other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Slot, Generation);
}
