namespace Admission.Capacity;

/// <content>Who comes before whom, as things are.</content>
internal sealed partial class TicketLevel
{
    /// <summary>So many tenants are looked at to tell a place; where more come before, they are reckoned to take turns.</summary>
    private const int MostLookedAt = 32;

    /// <summary>The place of a ticket within the level, if nobody comes any more who has credit.</summary>
    /// <param name="ticket">A ticket that waits.</param>
    /// <param name="younger">How many of its tenant came after it.</param>
    public int PlaceOf(QueuedTicket ticket, int younger)
    {
        var tenant = ticket.Tenant!;
        return Math.Min(Count - younger, PlaceOf(tenant, tenant.Tickets.Count - younger, tenant));
    }

    /// <summary>The place that one more ticket of a tenant would have.</summary>
    public int PlaceOfNext(string name)
    {
        var known = _tenants.GetValueOrDefault(name);
        var tenant = known is { Tickets.Count: > 0 } ? known : Imagine(name, known);
        return Math.Min(Count + 1, PlaceOf(tenant, tenant.Tickets.Count + 1, known));
    }

    /// <summary>A tenant as it would begin to wait.</summary>
    private TicketTenant Imagine(string name, TicketTenant? known)
    {
        var weight = permits.Rules.WeightOf(name);
        var tenant = new TicketTenant(name, weight) { Lead = Burst / (double)weight };
        Begin(tenant, known?.Start ?? double.NegativeInfinity);
        return tenant;
    }

    /// <summary>The tickets that may be served, in the order in which they would be if none came or went. What caps allow beyond what is in use is counted.</summary>
    public IEnumerable<QueuedTicket> InOrder()
    {
        // Tenants come from the set as their first turn comes, so whoever looks at a few tickets pays for a few.
        using var tenants = _next.GetEnumerator();
        var more = tenants.MoveNext();
        var again = new PriorityQueue<(QueuedTicket Ticket, double Start, int Permits), (double Start, long Arrival)>();
        while (more || again.Count > 0)
        {
            QueuedTicket ticket;
            var start = 0.0;
            var taken = 0;
            if (more && (!again.TryPeek(out _, out var turn) || (tenants.Current.Turn, tenants.Current.First.Arrival).CompareTo(turn) < 0))
            {
                ticket = tenants.Current.Tickets.First!;
                start = tenants.Current.Start;
                more = tenants.MoveNext();
            }
            else
            {
                (ticket, start, taken) = again.Dequeue();
            }

            var tenant = ticket.Tenant!;
            taken += ticket.Request.Weight;
            if (!permits.Allows(tenant.Name, taken))
            {
                continue;
            }

            yield return ticket;
            if (ticket.After is { } next)
            {
                start += ticket.Request.Weight / (double)tenant.Weight;
                again.Enqueue((next, start, taken), (tenant.TurnAt(start), next.Arrival));
            }
        }
    }

    /// <summary>How many tickets are served until the n-th of a tenant, that one included.</summary>
    private int PlaceOf(TicketTenant tenant, int number, TicketTenant? itself)
    {
        var turn = tenant.TurnAt(tenant.Start + ((number - 1) * tenant.MeanWeight / tenant.Weight));
        var place = (double)number;
        var looked = 0;
        if (_next.Count == 1 && ReferenceEquals(_next.Min, itself))
        {
            // Nobody else, which is so for each ticket where there are no tenants: looking through a set of one allocates.
            return number;
        }

        foreach (var other in _next)
        {
            if (ReferenceEquals(other, itself))
            {
                continue;
            }

            if (other.Turn > turn)
            {
                break;
            }

            if (++looked > MostLookedAt || tenant.IsParked)
            {
                var weights = _waitingWeights + (itself is { Tickets.Count: > 0 } ? 0 : tenant.Weight);
                return (int)Math.Min(int.MaxValue, Math.Ceiling(number * ((double)weights / tenant.Weight)));
            }

            place += Math.Min(other.Tickets.Count, 1 + Math.Floor((other.StartAt(turn) - other.Start) * other.Weight / other.MeanWeight));
        }

        return (int)place;
    }
}
