namespace Admission.Capacity;

/// <summary>
/// What must be true of a ledger's books after every call: the one checker of unit, property and simulation tests.
/// </summary>
public static class LedgerInvariants
{
    /// <summary>Checks a description.</summary>
    /// <param name="description">What <see cref="CapacityLedger.Describe"/> gave.</param>
    /// <exception cref="InvalidOperationException">The books are wrong; the message says how.</exception>
    public static void Check(BackendDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var booked = 0;
        foreach (var destination in description.Destinations)
        {
            Require(destination.Booked >= 0, $"destination '{destination.Destination}' has {destination.Booked} permits booked");
            booked += destination.Booked;
        }

        var held = 0;
        var queued = 0;
        foreach (var holder in description.Holders)
        {
            Require(holder.InUse <= holder.Booked, $"{holder.Holder}/{holder.Incarnation} uses {holder.InUse} of {holder.Booked} booked permits");
            held += holder.Booked;
            queued += holder.Queued;
        }

        Require(description.Quarantined >= 0, $"{description.Quarantined} permits are in quarantine");
        Require(description.Leases >= 0 && description.Leased >= description.Leases, $"{description.Leases} leases have {description.Leased} permits");
        Require(booked == held + description.Leased + description.Quarantined,
            $"{booked} permits are booked at the destinations, but {held} for holders, {description.Leased} for leases and {description.Quarantined} in quarantine");
        Require(queued == description.Occupancy.Queued, $"{description.Occupancy.Queued} tickets are queued, but the holders have {queued}");
    }

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The ledger's books are wrong: {violation}.");
        }
    }
}
