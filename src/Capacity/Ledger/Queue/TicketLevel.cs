namespace Admission.Capacity;

/// <summary>The tickets of one priority: fair queueing over its tenants, first come first served within each.</summary>
/// <remarks>
/// <para>
/// Start-time fair queueing (P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996), in the form for many requests in service at once (W. Jin,
/// J. S. Chase, J. Kaur, "Interposed Proportional Sharing for a Storage Service Utility", SIGMETRICS 2004). Each tenant has a start tag. The first ticket of the tenant with the lowest
/// tag is served, ties by arrival, and the tag grows by the ticket's weight divided by the tenant's. A tenant that begins to wait starts a burst credit (<see cref="Burst"/>, divided by
/// its weight) before where the others are, which the <see cref="LevelClock"/> tells, or where it had got to itself, whichever is later. So a tenant that asks for less than its share has its bursts
/// served before those that ask for more; what it saves in this way is bounded, and it is owed nothing else for the time in which it did not wait.
/// </para>
/// <para>
/// Hence: while two tenants wait all the time, the permits granted to each, divided by its weight, differ by at most one largest ticket of the one and one
/// of the other, each divided by its tenant's weight, and the credit divided by the smaller of the two weights. The credit counts once, however long that time is.
/// Of its first eighth of the credit a tenant is served in order of arrival with the others that have theirs, and a tenant that has half of it left begins like one that has all. A newcomer without credit never starts more than one of its permits behind the lowest tag, which is what the bound needs.
/// </para>
/// <para>
/// A tenant without tickets is remembered only until the clock has left it a whole credit behind, and nobody when no ticket of the level waits. All is O(log n) in the number of tenants, but for the search for somebody whom a cap keeps waiting.
/// </para>
/// </remarks>
internal sealed partial class TicketLevel(int priority, TenantPermits permits)
{
    /// <summary>
    /// The first part of a credit in which turns come by arrival. So a few requests at once of a tenant are served as if nobody took turns, and the bursts of two tenants that both have
    /// credit still do.
    /// </summary>
    public const double Alike = 1.0 / 8;

    /// <summary>
    /// The part of a credit that makes no difference when a tenant begins to wait: who has the rest left takes its turns as if it had all. Otherwise those who ask for nearly their share would take turns by what
    /// they were served long ago, and wait longer for each other than in the order of their arrival.
    /// </summary>
    public const double Even = 1.0 / 2;

    private readonly Dictionary<string, TicketTenant> _tenants = new(StringComparer.Ordinal);
    private readonly SortedSet<TicketTenant> _next = new(Comparer<TicketTenant>.Create(TicketTenant.CompareTurn));
    private readonly SortedSet<TicketTenant> _longest = new(Comparer<TicketTenant>.Create(TicketTenant.CompareLength));
    private readonly SortedSet<TicketTenant> _resting = new(Comparer<TicketTenant>.Create(TicketTenant.CompareResting));
    /// <summary>Those of <see cref="_resting"/> that the clock counts, because it has not reached their tags.</summary>
    private readonly SortedSet<TicketTenant> _ahead = new(Comparer<TicketTenant>.Create(TicketTenant.CompareStart));

    private readonly LevelClock _clock = new();

    /// <summary>The weights of the tenants that the clock counts: those that may be served, and those that rest ahead of it.</summary>
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

    /// <summary>Permits that a tenant which was below its share may be granted before those that were not.</summary>
    public int Burst { get; private set; }

    /// <summary>Where a tenant that begins to wait now starts, if it has its whole credit.</summary>
    private double Entry(TicketTenant tenant) => (_next.Min is { } first ? Math.Min(_clock.Now, first.Rested + (1.0 / tenant.Weight)) : _clock.Now) - tenant.Lead;

    /// <summary>Whose tag and credit are not beyond this would start no later as a stranger.</summary>
    private double Reached => _next.Min is { } first ? Math.Min(_clock.Now, first.Rested) : _clock.Now;

    public void Add(QueuedTicket ticket)
    {
        var name = ticket.Request.Tenant ?? TenantRules.Common;
        if (!_tenants.TryGetValue(name, out var tenant))
        {
            tenant = Meet(name);
        }
        else if (tenant.Tickets.Count == 0)
        {
            EndRest(tenant);
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

        tenant.Tickets.AddLast(ticket);
        _waitingWeights += tenant.Weight;
        _longest.Add(tenant);
        Enter(tenant);
    }

    /// <summary>Takes a ticket out that is granted, and charges its tenant.</summary>
    public void Serve(QueuedTicket ticket)
    {
        var tenant = ticket.Tenant!;
        _clock.Serve(tenant.Start, ticket.Request.Weight, _weights);

        // One alone stays where it is, whatever becomes of its tag.
        var alone = _next.Count == 1 && tenant.Tickets.Count > 1;
        if (!alone)
        {
            _next.Remove(tenant);
        }

        Shorten(tenant, ticket);
        tenant.Start += ticket.Request.Weight / (double)tenant.Weight;
        if (tenant.Tickets.Count == 0)
        {
            BeginRest(tenant);
        }
        else if (!alone)
        {
            _next.Add(tenant);
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
            BeginRest(tenant);
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

    /// <summary>Takes changed weights, caps and another burst credit.</summary>
    public void Configure(int burst)
    {
        Burst = burst;
        _clock.LeavesBehind = burst > 0;
        var waiting = _longest.ToArray();
        var resting = _resting.ToArray();
        _longest.Clear();
        _resting.Clear();
        _waitingWeights = _weights = 0;
        foreach (var tenant in _tenants.Values)
        {
            tenant.Weight = permits.Rules.WeightOf(tenant.Name);
            tenant.Lead = burst / (double)tenant.Weight;
            _weights += tenant.IsParked || (tenant.Tickets.Count == 0 && !_ahead.Contains(tenant)) ? 0 : tenant.Weight;
        }

        _resting.UnionWith(resting);

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

    /// <summary>Where the clock is, for a successor.</summary>
    public double Clock => _clock.Now;

    /// <summary>How far each tenant is, for a successor.</summary>
    public IEnumerable<(string Tenant, double Start, double Lead)> Starts => _tenants.Values.Select(tenant => (tenant.Name, tenant.Start, tenant.Lead));

    /// <summary>Takes over where the clock was.</summary>
    public void RestoreClock(double now) => _clock.Restore(now);

    /// <summary>Takes over how far a tenant was, before its tickets come.</summary>
    public void Restore(string name, double start)
    {
        if (!_tenants.ContainsKey(name))
        {
            var tenant = Meet(name);
            tenant.Start = start;
            _weights += tenant.Weight;
            BeginRest(tenant);
        }
    }

    private TicketTenant Meet(string name)
    {
        var weight = permits.Rules.WeightOf(name);
        var tenant = new TicketTenant(name, weight) { Lead = Burst / (double)weight, Start = double.NegativeInfinity };
        _tenants.Add(name, tenant);
        return tenant;
    }

    /// <summary>Lets a tenant with tickets take part from now on.</summary>
    private void Enter(TicketTenant tenant)
    {
        CountParked(tenant, -tenant.Tickets.Count, -tenant.QueuedWeight);
        tenant.IsParked = false;
        Begin(tenant, tenant.Start);
        _weights += tenant.Weight;
        _next.Add(tenant);
    }

    private void Begin(TicketTenant tenant, double reached)
    {
        var entry = Entry(tenant);
        tenant.AlikeUntil = entry + (tenant.Lead * Alike);
        tenant.EvenUntil = entry + (tenant.Lead * Even);
        tenant.Start = Math.Max(reached, entry);
        tenant.Forgiven = tenant.Start < tenant.EvenUntil ? tenant.Start - entry : 0;
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

        tenant.Tickets.AddLast(ticket);
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

        tenant.Tickets.Remove(ticket);
        if (tenant.Tickets.Count == 0)
        {
            _waitingWeights -= tenant.Weight;
        }
        else if (!alone)
        {
            _longest.Add(tenant);
        }
    }

    private void BeginRest(TicketTenant tenant)
    {
        _resting.Add(tenant);
        _ahead.Add(tenant);
    }

    private void EndRest(TicketTenant tenant)
    {
        _resting.Remove(tenant);
        _weights -= _ahead.Remove(tenant) ? tenant.Weight : 0;
    }

    /// <summary>
    /// Leaves tenants without tickets out of the clock when it has reached their tags, and forgets them when they have their whole credit again: they would start no later than a stranger.
    /// </summary>
    private void ForgetReached()
    {
        var reached = Reached;
        while (_ahead.Min is { } tenant && tenant.Start <= reached)
        {
            _ahead.Remove(tenant);
            _weights -= tenant.Weight;
        }

        while (_resting.Min is { } tenant && (tenant.Rested <= reached || _resting.Count > BackendPolicyRules.LargestQueue))
        {
            EndRest(tenant);
            _tenants.Remove(tenant.Name);
        }
    }
}
