namespace Admission.Dashboard.Feed;

/// <summary>One backend in full. Of one that does not answer all is as it was last told; <see cref="BackendRow.UnreachableSince"/> says so.</summary>
public sealed record BackendPage
{
    /// <summary>When the round ended that this is from.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the overview has of it, the line of 15 minutes included.</summary>
    public required BackendRow Row { get; init; }

    /// <summary>No such backend is known here: its id is wrong, or it was removed from the configuration.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The destinations that have limits of their own, the first 1,000.</summary>
    public IReadOnlyList<DestinationRow> Destinations { get; init; } = [];

    /// <summary>The holders, those with the most permits first, at most 500; after them the oldest leases of programs, at most 50.</summary>
    public IReadOnlyList<HolderRow> Holders { get; init; } = [];

    /// <summary>Holders and leases that are not in <see cref="Holders"/>.</summary>
    public int MoreHolders { get; init; }

    /// <summary>Who waits.</summary>
    public QueuePage Queue { get; init; } = QueuePage.Empty;

    /// <summary>The last 50 decisions, the newest first.</summary>
    public DecisionsPage Decisions { get; init; } = DecisionsPage.Empty;

    /// <summary>The policy; null before there is one, or before it was first told.</summary>
    public PolicyPage? Policy { get; init; }

    /// <summary>A limit that finds itself; null for a fixed one.</summary>
    public AdaptivePage? Adaptive { get; init; }

    /// <summary>What its ledger has gone through since it began, the newest first.</summary>
    public IReadOnlyList<FaultRow> Faults { get; init; } = [];

    /// <summary>Seconds after which a refused client is told to come back.</summary>
    public double? RetryAfter { get; init; }

    /// <summary>The longest wait that is worth while, by the patience that clients have shown; null for any.</summary>
    public TimeSpan? LongestWait { get; init; }

    /// <summary>The share of recent work that was for clients who had left; 0 to 1.</summary>
    public double? Waste { get; init; }
}

/// <summary>A destination.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Limit">Its limit; 0 while it is drained.</param>
/// <param name="Booked">Permits that holders have or may have there.</param>
/// <param name="Open">As much of the limit as may be granted at present.</param>
/// <param name="State"><c>in-service</c>, <c>withheld</c>, <c>trial</c>, <c>slow-start</c>, <c>draining</c> (drained, and something still runs there) or <c>drained</c>.</param>
/// <param name="Left">Until its trial may begin, or its slow start ends; else null.</param>
/// <param name="IsDrainedByOperator">An operator has drained it, so undraining it is possible.</param>
public sealed record DestinationRow(string Id, int Limit, int Booked, int Open, string State, TimeSpan? Left, bool IsDrainedByOperator)
{
    /// <summary>Those of the booked permits that are in use, or in quarantine; null where the ledger does not tell.</summary>
    public int? InUse { get; init; }
}

/// <summary>A holder of a backend's permits.</summary>
/// <param name="Name">Its name; of a lease its fencing number, and whose it is.</param>
/// <param name="Life">Its life: one more for each lease that it has lost, or restart. Of a lease its fencing number.</param>
/// <param name="IsHere">It is this process.</param>
/// <param name="Booked">Permits that it has or may have.</param>
/// <param name="InUse">Those in use, as it last reported.</param>
/// <param name="Idle">Those that it does not use.</param>
/// <param name="Waiting">Its tickets that wait.</param>
/// <param name="Kind"><c>process</c>: a gateway, or another program with the client library, which holds permits and renews by its reports; <c>lease</c>: a single lease over HTTP.</param>
/// <param name="LeaseAge">How long ago its lease was last renewed.</param>
/// <param name="LeaseLeft">Until the ledger considers it lost.</param>
public sealed record HolderRow(string Name, long Life, bool IsHere, int Booked, int InUse, int Idle, int Waiting, string Kind, TimeSpan? LeaseAge, TimeSpan LeaseLeft);

/// <summary>A backend's queue.</summary>
/// <param name="Total">Tickets that wait.</param>
/// <param name="Groups">Them by priority and tenant, the largest groups first, at most 50.</param>
/// <param name="First">The first of them in the order in which they reached the ledger, at most 50.</param>
public sealed record QueuePage(int Total, IReadOnlyList<QueueGroup> Groups, IReadOnlyList<QueueTicket> First)
{
    /// <summary>Nobody waits.</summary>
    public static QueuePage Empty { get; } = new(0, [], []);
}

/// <summary>Tickets of one priority and tenant.</summary>
/// <param name="Priority">The priority's number.</param>
/// <param name="PriorityName">Its name in the policy; its number where it has none.</param>
/// <param name="Tenant">The tenant, or null.</param>
/// <param name="Count">Tickets.</param>
/// <param name="Permits">Permits that they need together.</param>
/// <param name="Longest">How long the one has waited that came first.</param>
public sealed record QueueGroup(int Priority, string PriorityName, string? Tenant, int Count, long Permits, TimeSpan Longest);

/// <summary>A ticket that waits.</summary>
/// <param name="Ticket">Its name, for <see cref="IDashboardDesk.ExplainAsync"/>.</param>
/// <param name="Holder">The holder whose request it is.</param>
/// <param name="PriorityName">Its priority's name.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="Weight">Permits that it needs.</param>
/// <param name="Waited">How long it has waited.</param>
/// <param name="Left">How long it may wait yet.</param>
public sealed record QueueTicket(string Ticket, string Holder, string PriorityName, string? Tenant, int Weight, TimeSpan Waited, TimeSpan Left);

/// <summary>The last decisions of a backend's ledger.</summary>
/// <param name="Decisions">The newest first.</param>
/// <param name="Recorded">Decisions that this ledger has recorded since it began.</param>
/// <param name="LeftOut">Refusals that gateways decided by themselves and did not report one by one.</param>
/// <param name="Reasons">The refusals among the last 200 recorded ones by their reason, the most frequent first.</param>
/// <param name="Problem">Why nothing is told; null if it is.</param>
public sealed record DecisionsPage(IReadOnlyList<DecisionRow> Decisions, long Recorded, long LeftOut, IReadOnlyList<ReasonCount> Reasons, string? Problem)
{
    /// <summary>None yet.</summary>
    public static DecisionsPage Empty { get; } = new([], 0, 0, [], null);
}

/// <summary>So many refusals by one rule.</summary>
/// <param name="Reason">The rule, as refusals say it.</param>
/// <param name="Count">The refusals.</param>
public sealed record ReasonCount(string Reason, int Count);

/// <summary>One decision.</summary>
/// <param name="Number">Its number in the ledger's log.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Ticket">The request's name.</param>
/// <param name="Outcome"><c>refused</c>, <c>waited</c> or <c>displaced</c>.</param>
/// <param name="Reason">The rule that refused; null for a wait.</param>
/// <param name="Why">It all in a sentence or two.</param>
/// <param name="Holder">The holder whose request it was.</param>
/// <param name="ByHolder">The holder decided by itself.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="PriorityName">Its priority's name.</param>
/// <param name="Weight">Permits that it needed.</param>
/// <param name="Waited">How long it had waited.</param>
public sealed record DecisionRow(
    long Number, DateTimeOffset At, string Ticket, string Outcome, string? Reason, string Why, string Holder, bool ByHolder, string? Tenant, string PriorityName, int Weight, TimeSpan Waited);

/// <summary>Something that a ledger, or the feed itself, has seen go wrong.</summary>
/// <param name="At">When; null if only that it was is known.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Kind"><c>recovery</c>, <c>lease-lost</c>, <c>epoch</c>, <c>withheld</c> or <c>unreachable</c>.</param>
/// <param name="Words">What.</param>
public sealed record FaultRow(DateTimeOffset? At, string Backend, string Kind, string Words);

/// <summary>A limit that finds itself.</summary>
/// <param name="Algorithm">How.</param>
/// <param name="Min">The least that it may be.</param>
/// <param name="Max">The most that it may be.</param>
/// <param name="Unloaded">How long a permit is in use when the backend has no queue, as learned so far.</param>
public sealed record AdaptivePage(string Algorithm, int Min, int Max, TimeSpan? Unloaded);
