namespace Admission.Simulation;

/// <content>What destinations that have failed make of promise 3.</content>
internal sealed partial class CalmBooks
{
    private readonly List<Ticket> _unplaced = [];
    private bool _toldNoDestination;

    /// <summary>Permits of destinations that have failed: free ones that may not be granted, and idle ones, which go back.</summary>
    private int Unusable(CapacityLedger ledger)
    {
        if (_world.Scenario.DestinationFails == 0)
        {
            return 0;
        }

        var unusable = 0;
        foreach (var destination in ledger.Describe().Destinations)
        {
            if (destination.Open < destination.Limit)
            {
                unusable += Math.Max(0, destination.Limit - destination.Booked) - Math.Max(0, destination.Open - destination.Booked);
                unusable += _accounts.Sum(account => account.IdleAt(destination.Destination));
            }
        }

        return unusable;
    }

    /// <summary>Who is refused because no destination can take it is told the truth.</summary>
    private void CheckUnplaced(CapacityLedger ledger)
    {
        if (_toldNoDestination || _unplaced.Count > 0)
        {
            var weight = _toldNoDestination ? 1 : _unplaced.Min(ticket => ticket.Weight);
            if (ledger.Describe().Destinations.FirstOrDefault(destination => destination.Open >= weight) is { } open)
            {
                throw _world.Broken("P3", $"somebody is told that no destination can take a request of weight {weight}, but {open.Open} permits of '{open.Destination}' may be granted.");
            }
        }

        _toldNoDestination = false;
        _unplaced.Clear();
    }
}
