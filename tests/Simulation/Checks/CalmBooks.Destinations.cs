namespace Admission.Simulation;

/// <content>What destinations that have failed make of promise 3.</content>
internal sealed partial class CalmBooks
{
    private readonly List<Ticket> _unplaced = [];
    private bool _toldNoDestination;

    /// <summary>Permits that are free or idle: those of destinations that have failed may not be granted, and idle ones there go back.</summary>
    private int Usable(CapacityLedger ledger, int limit)
    {
        if (_world.Scenario.DestinationFails == 0)
        {
            return limit - _booked + _idle;
        }

        var (room, idle) = (0, _idle);
        foreach (var destination in ledger.Describe().Destinations)
        {
            room += Math.Max(0, destination.Open - destination.Booked);
            idle -= destination.Open < destination.Limit ? _accounts.Sum(account => account.IdleAt(destination.Destination)) : 0;
        }

        return Math.Min(limit - _booked, room) + idle;
    }

    /// <summary>Permits that heavy requests may leave unused at each destination.</summary>
    private int Fragments(BackendPolicy policy) => (_world.Scenario.HeaviestRequest - 1) * Math.Max(1, policy.Destinations.Length);

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
