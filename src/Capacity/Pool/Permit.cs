namespace Admission.Capacity;

/// <summary>
/// The right to have one request in flight at one destination, given back once with <see cref="PermitPool.Release"/>.
/// A value: admitting allocates nothing.
/// </summary>
public readonly struct Permit : IEquatable<Permit>
{
    internal Permit(HolderLife life, int slot, int generation, string destination)
    {
        Life = life;
        Slot = slot;
        Generation = generation;
        Destination = destination;
    }

    /// <summary>The destination that the ledger chose; empty where the policy names none.</summary>
    public string Destination { get; }

    /// <summary>The life that holds the permit; its lease's end is this permit's end.</summary>
    public HolderLife Life { get; }

    internal int Slot { get; }

    internal int Generation { get; }

    /// <inheritdoc/>
    public bool Equals(Permit other) => ReferenceEquals(Life, other.Life) && Slot == other.Slot && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Permit other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Slot, Generation);
}
