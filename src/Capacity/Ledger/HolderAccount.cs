namespace Admission.Capacity;

/// <summary>What the ledger knows of one life: its newest report, the decisions that it has not acknowledged, its tickets.</summary>
/// <remarks>
/// Booked for a life is what its newest report holds, plus every grant that this report had not applied. So the ledger
/// never books less than the holder has, whatever was lost on the way.
/// </remarks>
internal sealed class HolderAccount(StoredLife life)
{
    private readonly Queue<Decision> _decisions = new();
    private readonly Queue<(long Decision, QueuedTicket Ticket)> _granted = new();
    private long _lastDecision;

    public StoredLife Life { get; } = life;

    /// <summary>What stands for its holder in tickets.</summary>
    public ulong Tag { get; } = TicketId.TagOf(life.Holder);

    /// <summary>The last decision of the pool's own that was taken from a report.</summary>
    public long LastDecisionOfPool { get; set; }

    /// <summary>How many of those the pool had made by its newest report; null before the first one to this ledger.</summary>
    public long? DecisionsOfPool { get; set; }

    /// <summary>How old the pool was at its newest report; null if it does not say.</summary>
    public TimeSpan? PoolAge { get; set; }

    /// <summary>When that report came.</summary>
    public long PoolAgeAt { get; set; }

    /// <summary>The life is in storage, so it may be granted permits.</summary>
    public bool Stored { get; set; }

    /// <summary>A later life of the holder has registered; this one only waits for the end of its lease.</summary>
    public bool Superseded { get; set; }

    public long ReportSequence { get; set; }

    public long LeaseEnd { get; set; }

    public TimeSpan LeaseTtl { get; set; }

    public (LedgerDestination Destination, int Held, int InUse)[] Reported { get; set; } = [];

    public int ReportedInUse { get; set; }

    /// <summary>Of them, what requests of tenants with a cap use.</summary>
    public TenantUse[] ReportedTenants { get; set; } = [];

    /// <summary>Permits booked for each tenant with a cap; null for none.</summary>
    public Dictionary<string, int>? TenantsBooked { get; set; }

    /// <summary>Permits booked in all.</summary>
    public int Booked { get; set; }

    /// <summary>Permits known to be idle: reported so, or granted as a block and not acknowledged.</summary>
    public int Idle { get; set; }

    /// <summary>
    /// Permits that may be idle by now: all of them, unless the life reports at once what becomes idle (<see cref="IsWatched"/>), or has reported just now.
    /// </summary>
    public int MayBeIdle { get; set; }

    public int Demand { get; set; }

    public WorkTotals Work { get; set; }

    /// <summary>What its pool had counted by its newest report; null before the first one to this ledger, and if it does not say.</summary>
    public HolderTotals? Totals { get; set; }

    /// <summary>The newest totals of its clients' patience; null for none.</summary>
    public ClientTotals? Clients { get; set; }

    /// <summary>The same of single tenants, the newest last; null for none.</summary>
    public List<TenantClients>? TenantClients { get; set; }

    public long RunTimeouts { get; set; }

    /// <summary>The newest totals of which the limit knows, and when they came; null before the first report to this ledger, from which on only what is added counts.</summary>
    public (WorkTotals Work, WorkSpread Spread, long At)? Measured { get; set; }

    public bool Leaving { get; set; }

    /// <summary>The highest ticket that was taken from a report; tickets arrive in the order of their numbers.</summary>
    public long LastTicket { get; set; }

    public Dictionary<long, QueuedTicket> Tickets { get; } = [];

    /// <summary>The leases that its newest report hands over.</summary>
    public LeaseHandOver[] HandOvers { get; set; } = [];

    /// <summary>The highest number of such a lease that was taken from a report.</summary>
    public long LastHandOver { get; set; }

    /// <summary>Taken over from the predecessor, and the life has not reported since: some of its tickets may have been decided before.</summary>
    public bool IsHanded { get; set; }

    public List<TicketPosition> NewPositions { get; } = [];

    public long MessageSequence { get; set; }

    /// <summary>When the newest message was sent.</summary>
    public long LastMessageAt { get; set; } = MonotonicClock.Never;

    /// <summary>The newest message said that tickets wait.</summary>
    public bool ToldContended { get; set; }

    /// <summary>
    /// The first of the present row of messages that asked for idle permits, or for reports of them; <see cref="MonotonicClock.Forever"/> if the newest did not.
    /// </summary>
    public long WatchedSince { get; set; } = MonotonicClock.Forever;

    /// <summary>The life knows that it has to report what becomes idle, so its newest report tells all.</summary>
    public bool IsWatched => SeenMessage >= WatchedSince;

    /// <summary>The newest message that the life has applied.</summary>
    public long SeenMessage { get; set; }

    /// <summary>Until when the life refuses without asking.</summary>
    public long ToldSaturatedUntil { get; set; } = MonotonicClock.Never;

    /// <summary>Until when it refuses by a notice whom it would be too late for.</summary>
    public long ToldLateUntil { get; set; } = MonotonicClock.Never;

    public bool PushDue { get; set; }

    /// <summary>A destination where it may work was withheld, or is watched, and it has not heard of that yet.</summary>
    public bool HealthUnheard { get; set; }

    /// <summary>The first message that told it so; 0 if none was sent.</summary>
    public long HealthMessage { get; set; }

    /// <summary>The number of its newest decision.</summary>
    public long LastDecision => _lastDecision;

    public IReadOnlyCollection<Decision> Unacknowledged => _decisions;

    /// <summary>The tickets whose grants the life has not acknowledged. If a successor never sends them, they still wait.</summary>
    public IEnumerable<QueuedTicket> GrantedTickets => _granted.Select(grant => grant.Ticket);

    public bool HasDecisionFor(long ticket)
    {
        foreach (var decision in _decisions)
        {
            if (decision.Ticket == ticket)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a grant at a destination is on its way to it.</summary>
    public bool IsGrantedAt(string destination)
    {
        foreach (var decision in _decisions)
        {
            if (decision.Kind == DecisionKind.Grant && decision.Destination == destination)
            {
                return true;
            }
        }

        return false;
    }

    public Decision[] DecisionsToSend() => _decisions.Count == 0 ? [] : [.. _decisions];

    public void GrantBlock(LedgerDestination destination, int permits) => Grant(0, destination, permits);

    private void Grant(long ticket, LedgerDestination destination, int permits, bool isExplained = false) =>
        _decisions.Enqueue(new Decision
        {
            Sequence = ++_lastDecision, Kind = DecisionKind.Grant, Ticket = ticket, Destination = destination.Name, Permits = permits,
            Trial = destination.Health?.Trial ?? 0, IsExplained = isExplained,
        });

    public void Grant(QueuedTicket ticket, LedgerDestination destination)
    {
        Grant(ticket.Request.Id, destination, ticket.Request.Weight, ticket.IsExplained);
        _granted.Enqueue((_lastDecision, ticket));
    }

    public void Refuse(long ticket, Refusal refusal) =>
        _decisions.Enqueue(new Decision
        {
            Sequence = ++_lastDecision, Kind = DecisionKind.Refuse, Ticket = ticket, Destination = "", Refusal = refusal,
        });

    /// <summary>Takes out a decision that the life has applied; false when there is none left.</summary>
    public bool TryAcknowledge(long applied, out Decision decision)
    {
        if (_decisions.TryPeek(out decision) && decision.Sequence <= applied)
        {
            _decisions.Dequeue();
            while (_granted.TryPeek(out var granted) && granted.Decision <= applied)
            {
                _granted.Dequeue();
            }

            return true;
        }

        return false;
    }
}
