namespace Admission.Capacity;

/// <content>Where tickets stand.</content>
internal sealed partial class TicketQueue
{
    /// <summary>The first priority from which on nobody waits or has a share, so that whoever comes there comes after all; null if there is none.</summary>
    public int? FirstUnused
    {
        get
        {
            var last = _levels.Count == 0 ? -1 : _levels.Keys[^1];
            foreach (var rule in _order?.Levels ?? [])
            {
                last = rule.Share > 0 ? Math.Max(last, rule.Priority) : last;
            }

            return last < Priorities.Lowest ? last + 1 : null;
        }
    }

    /// <inheritdoc cref="PlaceOf(QueuedTicket, int, out int, out int)"/>
    public (int Place, long Permits) PlaceOf(QueuedTicket ticket, int younger) => PlaceOf(ticket, younger, out _, out _);

    /// <summary>
    /// Where a ticket stands, and how many permits a backend that does nothing else gives back before its turn: guaranteed shares of later
    /// priorities slow it down, its own is a bound.
    /// </summary>
    /// <param name="ticket">A ticket that waits.</param>
    /// <param name="younger">How many of its priority and tenant came after it.</param>
    /// <param name="ahead">Tickets of higher priorities that are before it.</param>
    /// <param name="own">Tickets of its own priority that are, at most.</param>
    public (int Place, long Permits) PlaceOf(QueuedTicket ticket, int younger, out int ahead, out int own)
    {
        var priority = ticket.Request.Priority;
        var within = _levels[priority].PlaceOf(ticket, younger);
        var (place, turns) = Reckon(priority, within);
        (ahead, own) = (place - within, within - 1);
        return (place, (long)Math.Ceiling(turns * ((double)Weight / Count)));
    }

    /// <summary>How many permits are given back before the turn of a ticket that is still to come, if it needs one.</summary>
    /// <param name="priority">Its priority.</param>
    /// <param name="tenant">Its tenant; empty for none.</param>
    public long PermitsBeforeNext(int priority, string tenant)
    {
        var (_, turns) = Reckon(priority, _levels.TryGetValue(priority, out var level) ? level.PlaceOfNext(tenant) : 1);
        return (long)Math.Ceiling(turns * ((Weight + 1.0) / (Count + 1)));
    }

    private (int Place, double Turns) Reckon(int priority, int within)
    {
        var ahead = 0;
        var taken = 0;
        for (var i = 0; i < _levels.Count; i++)
        {
            var level = _levels.GetValueAtIndex(i);
            ahead += level.Priority < priority ? level.Count - level.ParkedTickets.Count : 0;
            taken += level.Priority > priority ? level.Share : 0;
        }

        var share = _order?.ShareOf(priority) ?? 0;
        var turns = (ahead + within) * (Percent / (double)(Percent - Math.Min(taken, Percent - 1)));
        return (ahead + within, share > 0 ? Math.Min(turns, within * (Percent / (double)share)) : turns);
    }
}
