namespace Admission.Capacity;

/// <summary>A ledger at one instant, as numbers for instruments. Made once for a ledger and filled again and again: <see cref="CapacityLedger.Read"/>. Not thread-safe.</summary>
public sealed class LedgerReading
{
    private DestinationReading[] _destinations = [];
    private int _count;

    /// <summary>The ledger's epoch; 0 before the first reading.</summary>
    public long Epoch { get; internal set; }

    /// <summary>What the ledger can do.</summary>
    public LedgerStatus Status { get; internal set; }

    /// <summary>The limit in force.</summary>
    public int Limit { get; internal set; }

    /// <summary>Permits in use, without those in quarantine.</summary>
    public int InUse { get; internal set; }

    /// <summary>Permits that holders have and do not use.</summary>
    public int Idle { get; internal set; }

    /// <summary>Permits of lost holders whose work may still run.</summary>
    public int Quarantined { get; internal set; }

    /// <summary>Leases that programs hold by themselves.</summary>
    public int Leases { get; internal set; }

    /// <summary>Such leases that were granted since the ledger began.</summary>
    public long LeasesGranted { get; internal set; }

    /// <summary>Those that were not renewed in time and taken back.</summary>
    public long LeasesReclaimed { get; internal set; }

    /// <summary>Tickets in the queue.</summary>
    public int Waiting { get; internal set; }

    /// <summary>Lives that have an account.</summary>
    public int Holders { get; internal set; }

    /// <summary>The destinations that have limits of their own; none where the policy gives none.</summary>
    public ReadOnlySpan<DestinationReading> Destinations => _destinations.AsSpan(0, _count);

    internal void Take(IReadOnlyList<LedgerDestination> destinations)
    {
        if (_destinations.Length < destinations.Count)
        {
            _destinations = new DestinationReading[destinations.Count];
        }

        _count = 0;
        for (var i = 0; i < destinations.Count; i++)
        {
            var destination = destinations[i];
            if (destination.Name.Length > 0)
            {
                _destinations[_count++] = new DestinationReading(destination.Name, destination.Limit, destination.Booked, destination.Open);
            }
        }
    }
}

/// <summary>One destination, in a <see cref="LedgerReading"/>.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="Booked">Permits that holders have there, or left to the quarantine.</param>
/// <param name="Open">As much of its limit as may be granted at present; 0 while it is withheld.</param>
public readonly record struct DestinationReading(string Destination, int Limit, int Booked, int Open);
