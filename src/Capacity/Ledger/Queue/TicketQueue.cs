namespace Admission.Capacity;

/// <summary>The tickets of a ledger, in the order in which they are served. Not thread-safe.</summary>
/// <remarks>
/// <para>
/// Between priorities the order is strict, but for guaranteed shares: each permit granted while a priority has tickets brings it a credit of its share, and as soon as its credit pays for its
/// first ticket, that one is next. What it gets in its strict turn pays off credit too, and credit ends with its last ticket. So while it has tickets, a priority with a share of s percent gets
/// s percent of the permits granted, less at most as many of the largest tickets as there are priorities with a share, and one.
/// </para>
/// <para>
/// Within a priority see <see cref="TicketLevel"/>. What is next stays next until it fits: nobody takes the permits that it waits for, unless he comes
/// before it by priority, or by his tenant's service. So light tickets do not starve heavy ones, and since only one waits for permits that are free, two cannot wait for each other.
/// </para>
/// <para>
/// The queue's places are shared out as the permits are: who is too many is found by <see cref="Victim"/>.
/// </para>
/// </remarks>
internal sealed partial class TicketQueue
{
    private const int Percent = 100;

    private readonly SortedList<int, TicketLevel> _levels = [];
    private QueueOrder? _order;
    private int _burst = QueueOrder.DefaultTenantBurst;

    /// <summary>Permits booked for tenants.</summary>
    public TenantPermits Permits { get; } = new();

    public int Count { get; private set; }

    /// <summary>The weight of all tickets.</summary>
    public long Weight { get; private set; }

    /// <summary>The tickets that no cap keeps from being served, as far as is known, and what they ask for.</summary>
    public (int Count, long Weight) Servable
    {
        get
        {
            var (count, weight) = (Count, Weight);
            for (var i = 0; i < _levels.Count; i++)
            {
                var parked = _levels.Values[i].ParkedTickets;
                (count, weight) = (count - parked.Count, weight - parked.Weight);
            }

            return (count, weight);
        }
    }

    /// <summary>Tenants that are remembered, over all priorities.</summary>
    public int TenantCount => _levels.Values.Sum(level => level.TenantCount);

    /// <summary>The next to serve; null if none waits, or only tickets of tenants that have as many permits as they may.</summary>
    public QueuedTicket? Next => NextBy(static ticket => ticket);

    /// <summary>The next to serve where the youngest of a tenant goes first, if the tenant's cap has room for it.</summary>
    public QueuedTicket? Newest => NextBy(ticket => Permits.Allows(ticket.Tenant!.Name, ticket.Tenant.Last.Request.Weight) ? ticket.Tenant.Last : ticket);

    /// <summary>Takes a policy's priorities, weights and caps.</summary>
    public void Configure(BackendPolicy? policy)
    {
        _order = policy?.Order;
        _burst = _order?.TenantBurst ?? QueueOrder.DefaultTenantBurst;
        Permits.Rules = new TenantRules(policy);
        foreach (var level in _levels.Values)
        {
            var share = _order?.ShareOf(level.Priority) ?? 0;
            level.Credit = share == level.Share ? level.Credit : 0;
            level.Share = share;
            level.Configure(_burst);
        }
    }

    public void Add(QueuedTicket ticket)
    {
        LevelOf(ticket.Request.Priority).Add(ticket);
        Count++;
        Weight += ticket.Request.Weight;
    }

    /// <summary>Takes a ticket out that is granted.</summary>
    public void Serve(QueuedTicket ticket)
    {
        var weight = ticket.Request.Weight;

        // By number: the enumerator of a sorted list's values is an object, and this is done for each ticket.
        for (var i = 0; i < _levels.Count; i++)
        {
            var level = _levels.GetValueAtIndex(i);
            if (level.HasNext)
            {
                level.Credit += (long)level.Share * weight;
            }
        }

        var served = _levels[ticket.Request.Priority];
        served.Credit = Math.Max(0, served.Credit - ((long)Percent * weight));
        served.Serve(ticket);
        Leave(served, weight);
    }

    /// <summary>Takes a ticket out that is given up or refused.</summary>
    public void Remove(QueuedTicket ticket)
    {
        var level = _levels[ticket.Request.Priority];
        level.Remove(ticket);
        Leave(level, ticket.Request.Weight);
    }

    /// <summary>Books permits of a tenant, or takes them off the books.</summary>
    public void Book(string tenant, int permits)
    {
        Permits.Book(tenant, permits);
        if (permits < 0)
        {
            foreach (var level in _levels.Values)
            {
                level.Unpark(tenant);
            }
        }
    }

    /// <summary>
    /// The ticket that goes when the queue has more than its places, and why. It is of the last priority that has more of them than its guaranteed share, and there
    /// the youngest of the tenant that has the most for its weight.
    /// </summary>
    /// <param name="places">The queue's capacity.</param>
    public (QueuedTicket Ticket, RefusalReason Reason) Victim(int places)
    {
        var level = LastBeyondShare(places) ?? _levels.Values[^1];
        var ticket = level.Youngest;
        var reason = true switch
        {
            _ when ticket.Tenant!.IsParked => RefusalReason.TenantCap,
            _ when _levels.Values.TakeWhile(other => other.Priority < level.Priority).Any(other => other.LastArrival > ticket.Arrival) => RefusalReason.Displaced,
            _ when level.ExceedsShare(ticket.Tenant, 0) => RefusalReason.TenantShare,
            _ => RefusalReason.QueueFull,
        };
        return (ticket, reason);
    }

    /// <summary>Whom a full queue would refuse: who comes last whatever waits, and who has the most in the priority that loses a ticket next.</summary>
    public SaturationScope Saturated(int places)
    {
        if (_levels.Count == 0 || places == 0)
        {
            return SaturationScope.All;
        }

        if (LastBeyondShare(places) is not { } level)
        {
            return SaturationScope.Nobody;
        }

        // A priority with tickets, or with places of its own, may take a newcomer in at the cost of somebody else.
        var above = _levels.Values[^1].Priority;
        foreach (var rule in _order?.Levels ?? [])
        {
            above = rule.Share > 0 ? Math.Max(above, rule.Priority) : above;
        }

        var tenant = level.Longest;
        var reason = tenant.IsParked ? RefusalReason.TenantCap : level.ExceedsShare(tenant, 1) ? RefusalReason.TenantShare : RefusalReason.None;
        return new SaturationScope(above, level.Priority, tenant.Name.Length == 0 ? null : tenant.Name, reason);
    }

    /// <summary>The youngest ticket of a tenant whose first one its cap keeps waiting, of the last priority that has one; or null.</summary>
    public QueuedTicket? YoungestParked => YoungestOf(level =>
    {
        // Asking for the next parks those whose turn it is.
        _ = level.Next;
        return level.Parked;
    });

    /// <summary>The youngest ticket of a tenant whose cap leaves no room for all its tickets, of the last priority that has one; or null.</summary>
    public QueuedTicket? YoungestBeyondCap => YoungestOf(level => level.BeyondCap);

    /// <summary>The tickets that may be served, about in the order in which they would be: the next one's priority first, then strictly by priority.</summary>
    public IEnumerable<QueuedTicket> InOrder()
    {
        if (Next is not { } next)
        {
            yield break;
        }

        var first = _levels[next.Request.Priority];
        foreach (var ticket in first.InOrder())
        {
            yield return ticket;
        }

        foreach (var level in _levels.Values.Where(level => !ReferenceEquals(level, first)))
        {
            foreach (var ticket in level.InOrder())
            {
                yield return ticket;
            }
        }
    }

    /// <summary>How far each tenant and priority is, for a successor.</summary>
    /// <param name="notServed">Tickets that were granted but whose holders will not hear of it.</param>
    public HandedOrder HandOver(IEnumerable<QueuedTicket> notServed)
    {
        var refunds = new Dictionary<(int Priority, string Tenant), double>();
        foreach (var ticket in notServed)
        {
            var key = (ticket.Request.Priority, ticket.Tenant!.Name);
            refunds[key] = refunds.GetValueOrDefault(key) + (ticket.Request.Weight / (double)ticket.Tenant.Weight);
        }

        var tenants = new List<HandedTenant>();
        var clocks = new List<HandedClock>();
        foreach (var level in _levels.Values)
        {
            var starts = level.Starts.Select(tenant => (tenant.Tenant, Start: tenant.Start - refunds.GetValueOrDefault((level.Priority, tenant.Tenant)), tenant.Lead)).ToList();
            var least = starts.Count == 0 ? 0 : starts.Min(tenant => tenant.Start);

            // Who is given back what it was granted may have more than its credit, and keeps it.
            var clock = starts.Count == 0 ? 0 : Math.Min(level.Clock, starts.Min(tenant => tenant.Start + tenant.Lead));
            clocks.Add(new HandedClock(level.Priority, clock - least));
            tenants.AddRange(starts.Select(tenant => new HandedTenant(level.Priority, tenant.Tenant, tenant.Start - least)));
        }

        return new HandedOrder([.. tenants], [.. _levels.Values.Where(level => level.Credit > 0).Select(level => new HandedLevel(level.Priority, level.Credit))]) { Clocks = [.. clocks] };
    }

    /// <summary>Takes over how far each tenant and priority was, before the tickets come.</summary>
    public void Restore(HandedOrder? order)
    {
        foreach (var (priority, ahead) in order?.Clocks ?? [])
        {
            LevelOf(priority).RestoreClock(ahead);
        }

        foreach (var (priority, tenant, ahead) in order?.Tenants ?? [])
        {
            LevelOf(priority).Restore(tenant, ahead);
        }

        foreach (var (priority, credit) in order?.Levels ?? [])
        {
            LevelOf(priority).Credit = credit;
        }
    }

    /// <summary>Drops what a predecessor knew of priorities in which nobody waits any more.</summary>
    public void ForgetEmpty()
    {
        for (var i = _levels.Count - 1; i >= 0; i--)
        {
            if (_levels.Values[i].Count == 0)
            {
                _levels.RemoveAt(i);
            }
        }
    }

    private QueuedTicket? NextBy(Func<QueuedTicket, QueuedTicket> choose)
    {
        QueuedTicket? first = null;
        for (var i = 0; i < _levels.Count; i++)
        {
            var level = _levels.Values[i];
            if (level.Next is not { } head)
            {
                continue;
            }

            var ticket = choose(head);
            if (level.Share > 0 && level.Credit >= (long)Percent * ticket.Request.Weight)
            {
                return ticket;
            }

            first ??= ticket;
        }

        return first;
    }

    private TicketLevel LevelOf(int priority)
    {
        if (!_levels.TryGetValue(priority, out var level))
        {
            level = new TicketLevel(priority, Permits) { Share = _order?.ShareOf(priority) ?? 0 };
            level.Configure(_burst);
            _levels.Add(priority, level);
        }

        return level;
    }

    /// <summary>The last priority that has more tickets than the places which its share gives it: rounded up, so that a small queue has one for it too.</summary>
    private TicketLevel? LastBeyondShare(int places)
    {
        for (var i = _levels.Count - 1; i >= 0; i--)
        {
            var level = _levels.Values[i];
            if ((long)level.Count * Percent > ((long)level.Share * places) + Percent - 1)
            {
                return level;
            }
        }

        return null;
    }

    private QueuedTicket? YoungestOf(Func<TicketLevel, TicketTenant?> find)
    {
        for (var i = _levels.Count - 1; i >= 0 && Permits.Rules.HasCaps; i--)
        {
            if (find(_levels.Values[i]) is { } tenant)
            {
                return tenant.Last;
            }
        }

        return null;
    }

    private void Leave(TicketLevel level, int weight)
    {
        Count--;
        Weight -= weight;
        if (level.Count == 0)
        {
            _levels.Remove(level.Priority);
        }
        else if (!level.HasNext)
        {
            level.Credit = 0;
        }
    }
}
