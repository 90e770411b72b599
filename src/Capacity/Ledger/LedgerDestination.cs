namespace Admission.Capacity;

/// <summary>A destination's limit and what is booked of it.</summary>
internal sealed class LedgerDestination(string name)
{
    public string Name { get; } = name;

    public int Limit { get; set; }

    /// <summary>Permits that holders have, may have, or left to the quarantine.</summary>
    public int Booked { get; set; }

    public int Free => Limit - Booked;
}
