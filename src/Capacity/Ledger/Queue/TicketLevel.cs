namespace Admission.Capacity;

/// <summary>The tickets of one priority: fair queueing over its tenants, first come first served within each.</summary>
/// <remarks>
/// <para>
/// Start-time fair queueing (P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996), in the form for many requests in service at once (W. Jin,
/// J. S. Chase, J. Kaur, "Interposed Proportional Sharing for a Storage Service Utility", SIGMETRICS 2004). Each tenant has a start tag. The first ticket of the tenant with the lowest
/// tag is served, ties by arrival, and the tag grows by the ticket's weight divided by the tenant's. A tenant that begins to wait starts where the others
/// are, or where it had got to itself, whichever is later: it is owed nothing for the time in which it did not wait.
/// </para>
/// <para>
/// Hence: while two tenants wait all the time, the permits granted to each, divided by its weight, differ by at most one largest ticket of the one and one
/// of the other, each divided by its tenant's weight.
/// </para>
/// <para>
/// Where the others are is told by a clock, as in WF2Q+ (J. C. R. Bennett, H. Zhang, "Hierarchical Packet Fair Queueing Algorithms", IEEE/ACM ToN 5(5), 1997): it
/// grows with each grant by the former grant's permits divided by all tenants' weights, and is never behind a tag that was served. Without it an endless stream of new tenants, each
/// of which starts at the tag that is being served, would starve everybody who has been served once. A newcomer never starts more than one of its permits behind the lowest
/// tag, which is what the bound above needs.
/// </para>
/// <para>
/// A tenant without tickets is remembered only until its tag has been reached, and nobody when no ticket of the level waits. All is O(log n) in the number of tenants, but for the search for somebody whom a cap keeps waiting.
/// </para>
/// </remarks>
internal sealed class TicketLevel(int priority, TenantPermits permits)
{
    private readonly Dictionary<string, TicketTenant> _tenants = new(StringComparer.Ordinal);
    private readonly SortedSet<TicketTenant> _next = new(Comparer<TicketTenant>.Create(TicketTenant.CompareStart));
    private readonly SortedSet<TicketTenant> _longest = new(Comparer<TicketTenant>.Create(TicketTenant.CompareLength));
    private readonly SortedSet<TicketTenant> _resting = new(Comparer<TicketTenant>.Create(TicketTenant.CompareResting));
    private double _clock;
    private int _lastGrant;

    /// <summary>The weights of the tenants that the clock counts: those that may be served, and those that rest.</summary>
    private long _weights;

    /// <summary>The weights of the tenants that have tickets.</summary>
    private long _waitingWeights;

    public int Priority { get; } = priority;

    /// <summary>Percent of the grants that are guaranteed while tickets wait.</summary>
    public int Share { get; set; }

    /// <summary>What of the guarantee is due: percent times permits.</summary>
    public long Credit { get; set; }

    public int Count { get; private set; }

    /// <summary>Those of them whose tenants' caps keep them from being served, and what they ask for.</summary>
    public (int Count, long Weight) ParkedTickets { get; private set; }

    /// <summary>The arrival of the last ticket that came.</summary>
    public long LastArrival { get; private set; }

    /// <summary>Tenants that wait or are remembered.</summary>
    public int TenantCount => _tenants.Count;

    /// <summary>A tenant that its cap keeps from being served, or null.</summary>
    public TicketTenant? Parked => _longest.Reverse().FirstOrDefault(tenant => tenant.IsParked);

    /// <summary>A tenant whose cap leaves no room for all its tickets, or null.</summary>
    public TicketTenant? BeyondCap => _longest.Reverse().FirstOrDefault(tenant => !permits.Allows(tenant.Name, tenant.QueuedWeight));

    /// <summary>Some ticket may be served, as far as is known: caps are asked when its turn comes.</summary>
    public bool HasNext => _next.Count > 0;

    /// <summary>The next ticket, or null: none waits, or caps keep all of them waiting.</summary>
    public QueuedTicket? Next
    {
        get
        {
            while (_next.Min is { } tenant)
            {
                if (permits.Allows(tenant.Name, tenant.First.Request.Weight))
                {
                    return tenant.First;
                }

                Park(tenant);
            }

            return null;
        }
    }

    /// <summary>Where a tenant that begins to wait now starts.</summary>
    private double Entry(int weight) => _next.Min is { } first ? Math.Min(_clock, first.Start + (1.0 / weight)) : _clock;

    /// <summary>No tag below can count any more.</summary>
    private double Reached => _next.Min is { } first ? Math.Min(_clock, first.Start) : _clock;

    public void Add(QueuedTicket ticket)
    {
        var name = ticket.Request.Tenant ?? TenantRules.Common;
        if (!_tenants.TryGetValue(name, out var tenant))
        {
            tenant = new TicketTenant(name, permits.Rules.WeightOf(name));
            _tenants.Add(name, tenant);
        }
        else if (tenant.Tickets.Count == 0)
        {
            _resting.Remove(tenant);
            _weights -= tenant.Weight;
        }

        ticket.Tenant = tenant;
        ticket.Ordinal = tenant.Brought++;
        tenant.QueuedWeight += ticket.Request.Weight;
        LastArrival = ticket.Arrival;
        Count++;
        CountParked(tenant, 1, ticket.Request.Weight);
        if (tenant.Tickets.Count > 0)
        {
            Lengthen(tenant, ticket);
            return;
        }

        ticket.Node = tenant.Tickets.AddLast(ticket);
        _waitingWeights += tenant.Weight;
        _longest.Add(tenant);
        Enter(tenant);
    }

    /// <summary>Takes a ticket out that is granted, and charges its tenant.</summary>
    public void Serve(QueuedTicket ticket)
    {
        var tenant = ticket.Tenant!;
        _clock = Math.Max(_clock + (_lastGrant / (double)_weights), tenant.Start);
        _lastGrant = ticket.Request.Weight;
        _next.Remove(tenant);
        Shorten(tenant, ticket);
        tenant.Start += _lastGrant / (double)tenant.Weight;
        if (tenant.Tickets.Count > 0)
        {
            _next.Add(tenant);
        }
        else
        {
            _resting.Add(tenant);
        }

        ForgetReached();
    }

    /// <summary>Takes a ticket out that is not granted: its tenant is charged nothing.</summary>
    public void Remove(QueuedTicket ticket)
    {
        var tenant = ticket.Tenant!;
        var wasFirst = ReferenceEquals(tenant.First, ticket);
        if (wasFirst && !tenant.IsParked)
        {
            _next.Remove(tenant);
        }

        Shorten(tenant, ticket);
        if (tenant.Tickets.Count == 0)
        {
            _weights += tenant.IsParked ? tenant.Weight : 0;
            tenant.IsParked = false;
            _resting.Add(tenant);
            ForgetReached();
        }
        else if (wasFirst && tenant.IsParked)
        {
            // The next one may be lighter.
            Enter(tenant);
        }
        else if (wasFirst)
        {
            _next.Add(tenant);
        }
    }

    /// <summary>A tenant has fewer permits in use, or another cap.</summary>
    public void Unpark(string name)
    {
        if (_tenants.TryGetValue(name, out var tenant) && tenant.IsParked)
        {
            Enter(tenant);
        }
    }

    /// <summary>Takes changed weights and caps.</summary>
    public void Configure()
    {
        var waiting = _longest.ToArray();
        _longest.Clear();
        _waitingWeights = _weights = 0;
        foreach (var tenant in _tenants.Values)
        {
            tenant.Weight = permits.Rules.WeightOf(tenant.Name);
            _weights += tenant.IsParked ? 0 : tenant.Weight;
        }

        foreach (var tenant in waiting)
        {
            _longest.Add(tenant);
            _waitingWeights += tenant.Weight;
            if (tenant.IsParked)
            {
                Enter(tenant);
            }
        }
    }

    /// <summary>The ticket that goes when one too many is here: the youngest of the tenant that has the most for its weight.</summary>
    public QueuedTicket Youngest => _longest.Max!.Last;

    /// <summary>The tenant that has the most tickets for its weight.</summary>
    public TicketTenant Longest => _longest.Max!;

    /// <summary>Whether a tenant with so many tickets more has more than its part of those that wait here, so many more as well.</summary>
    public bool ExceedsShare(TicketTenant tenant, int more) =>
        _longest.Count > 1 && (tenant.Tickets.Count + (long)more) * _waitingWeights > (Count + (long)more) * tenant.Weight;

    /// <summary>
    /// The place of a ticket within the level, at most: by the time it is served, each other tenant has been served in proportion to its weight, but no more than it has.
    /// </summary>
    /// <param name="ticket">A ticket that waits.</param>
    /// <param name="younger">How many of its tenant came after it.</param>
    public int PlaceOf(QueuedTicket ticket, int younger)
    {
        var tenant = ticket.Tenant!;
        var own = tenant.Tickets.Count - younger;
        var rounds = Math.Ceiling(own * ((double)_waitingWeights / tenant.Weight));
        return (int)Math.Min(Count - younger, rounds);
    }

    /// <summary>The tickets that may be served, in the order in which they would be if none came or went. What caps allow beyond what is in use is counted.</summary>
    public IEnumerable<QueuedTicket> InOrder()
    {
        // Tenants come from the set as their first turn comes, so whoever looks at a few tickets pays for a few.
        using var tenants = _next.GetEnumerator();
        var more = tenants.MoveNext();
        var again = new PriorityQueue<(LinkedListNode<QueuedTicket> Node, double Start, int Permits), (double Start, long Arrival)>();
        while (more || again.Count > 0)
        {
            LinkedListNode<QueuedTicket> node;
            var start = 0.0;
            var taken = 0;
            if (more && (!again.TryPeek(out _, out var turn) || (tenants.Current.Start, tenants.Current.First.Arrival).CompareTo(turn) < 0))
            {
                node = tenants.Current.Tickets.First!;
                start = tenants.Current.Start;
                more = tenants.MoveNext();
            }
            else
            {
                (node, start, taken) = again.Dequeue();
            }

            var tenant = node.Value.Tenant!;
            taken += node.Value.Request.Weight;
            if (!permits.Allows(tenant.Name, taken))
            {
                continue;
            }

            yield return node.Value;
            if (node.Next is { } next)
            {
                start += node.Value.Request.Weight / (double)tenant.Weight;
                again.Enqueue((next, start, taken), (start, next.Value.Arrival));
            }
        }
    }

    /// <summary>How far each tenant is, for a successor.</summary>
    public IEnumerable<(string Tenant, double Start)> Starts => _tenants.Values.Select(tenant => (tenant.Name, tenant.Start));

    /// <summary>Takes over how far a tenant was, before its tickets come.</summary>
    public void Restore(string name, double start)
    {
        if (!_tenants.ContainsKey(name))
        {
            var tenant = new TicketTenant(name, permits.Rules.WeightOf(name)) { Start = start };
            _tenants.Add(name, tenant);
            _weights += tenant.Weight;
            _resting.Add(tenant);
        }
    }

    /// <summary>Lets a tenant with tickets take part from now on.</summary>
    private void Enter(TicketTenant tenant)
    {
        CountParked(tenant, -tenant.Tickets.Count, -tenant.QueuedWeight);
        tenant.IsParked = false;
        tenant.Start = Math.Max(tenant.Start, Entry(tenant.Weight));
        _weights += tenant.Weight;
        _next.Add(tenant);
    }

    private void Park(TicketTenant tenant)
    {
        _next.Remove(tenant);
        _weights -= tenant.Weight;
        tenant.IsParked = true;
        CountParked(tenant, tenant.Tickets.Count, tenant.QueuedWeight);
    }

    private void CountParked(TicketTenant tenant, int tickets, long weight)
    {
        if (tenant.IsParked)
        {
            ParkedTickets = (ParkedTickets.Count + tickets, ParkedTickets.Weight + weight);
        }
    }

    private void Lengthen(TicketTenant tenant, QueuedTicket ticket)
    {
        var alone = _longest.Count == 1;
        if (!alone)
        {
            _longest.Remove(tenant);
        }

        ticket.Node = tenant.Tickets.AddLast(ticket);
        if (!alone)
        {
            _longest.Add(tenant);
        }
    }

    private void Shorten(TicketTenant tenant, QueuedTicket ticket)
    {
        Count--;
        tenant.QueuedWeight -= ticket.Request.Weight;
        CountParked(tenant, -1, -ticket.Request.Weight);
        var alone = _longest.Count == 1 && tenant.Tickets.Count > 1;
        if (!alone)
        {
            _longest.Remove(tenant);
        }

        tenant.Tickets.Remove(ticket.Node!);
        ticket.Node = null;
        if (tenant.Tickets.Count == 0)
        {
            _waitingWeights -= tenant.Weight;
        }
        else if (!alone)
        {
            _longest.Add(tenant);
        }
    }

    /// <summary>Forgets the tenants without tickets whose tags have been reached: they would start no later than a stranger.</summary>
    private void ForgetReached()
    {
        var reached = Reached;
        while (_resting.Min is { } tenant && (tenant.Start <= reached || _resting.Count > BackendPolicyRules.LargestQueue))
        {
            _resting.Remove(tenant);
            _tenants.Remove(tenant.Name);
            _weights -= tenant.Weight;
        }
    }
}
