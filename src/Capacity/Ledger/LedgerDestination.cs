namespace Admission.Capacity;

/// <summary>A destination's limit and what is booked of it.</summary>
internal sealed class LedgerDestination(string name)
{
    public string Name { get; } = name;

    public int Limit { get; set; }

    /// <summary>Permits that holders have, may have, or left to the quarantine.</summary>
    public int Booked { get; set; }

    /// <summary>How it fares; null as long as nothing has ever failed there.</summary>
    public DestinationHealth? Health { get; set; }

    /// <summary>As much of the limit as may be granted; all of it unless it has failed, at least one permit unless it is withheld.</summary>
    public int Open => Health is not { Share: < 100 and var share } ? Limit : (int)(((long)Limit * share + 99) / 100);

    public int Free => Open - Booked;

    /// <summary>What adds to the permits that can be granted over all destinations.</summary>
    public int Room => Math.Max(0, Free);
}
