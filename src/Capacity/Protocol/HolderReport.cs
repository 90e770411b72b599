namespace Admission.Capacity;

/// <summary>
/// What a pool tells the ledger: absolute state, never differences, so that a report may be lost, repeated or overtaken without harm.
/// </summary>
/// <remarks>
/// A report is older than another of the same life by <see cref="Sequence"/> alone; the ledger ignores older ones.
/// It carries every ticket and every withdrawal that the ledger has not acknowledged yet, so a lost report leaves no gap.
/// </remarks>
[GenerateSerializer, Immutable, Alias("Admission.HolderReport")]
public sealed record HolderReport
{
    /// <summary>The holder: unique in the cluster. 1 to 200 characters.</summary>
    [Id(0)] public required string Holder { get; init; }

    /// <summary>The holder's life. Grows by one whenever a lease has run out or the holder has restarted; at least 1.</summary>
    [Id(1)] public required long Incarnation { get; init; }

    /// <summary>The epoch that the holder has adopted; 0 before its first answer.</summary>
    [Id(2)] public required long Epoch { get; init; }

    /// <summary>The number of this report in its life; at least 1, grows with each report.</summary>
    [Id(3)] public required long Sequence { get; init; }

    /// <summary>The number of the last decision of this epoch and life that the pool has applied; 0 for none.</summary>
    [Id(4)] public required long AppliedDecision { get; init; }

    /// <summary>The permits held after that decision, one entry for each destination of which any is held.</summary>
    [Id(5)] public HeldPermits[] Held { get; init; } = [];

    /// <summary>Tickets that the ledger has not acknowledged, in the order of their arrival at the pool.</summary>
    [Id(6)] public TicketRequest[] Tickets { get; init; } = [];

    /// <summary>Ids of tickets given up (client gone, or served from the pool itself) that the ledger has not acknowledged.</summary>
    [Id(7)] public long[] Withdrawn { get; init; } = [];

    /// <summary>How many permits the pool would have used at its recent peak, had it had them: the measure for its share of idle permits.</summary>
    [Id(8)] public int Demand { get; init; }

    /// <summary>Totals of finished work in this life.</summary>
    [Id(9)] public WorkTotals Work { get; init; }

    /// <summary>The holder is shutting down: it takes no more grants, and its life ends once it holds nothing.</summary>
    [Id(10)] public bool Leaving { get; init; }

    /// <summary>The number of the newest message whose state the pool has applied; 0 for none. Tells the ledger which recalls have arrived.</summary>
    [Id(11)] public long SeenMessage { get; init; }

    /// <summary>What of the permits in use the requests of tenants with a cap use; null or empty for none. These never use idle permits of the pool.</summary>
    [Id(29)] public TenantUse[]? Tenants { get; init; }

    /// <summary>What this life has seen of its clients' patience; null when the ledger has it, or there is nothing.</summary>
    [Id(20)] public ClientTotals? Clients { get; init; }

    /// <summary>Runs of this life that were cancelled because they took longer than <see cref="BackendPolicy.RunTimeout"/>.</summary>
    [Id(21)] public long RunTimeouts { get; init; }

    /// <summary>Totals of this life beside <see cref="Work"/>, from which a limit finds itself. All zero from holders of before there were such limits.</summary>
    [Id(23)] public WorkSpread Spread { get; init; }

    /// <summary>How work ended at destinations that have failed, or that the ledger watches.</summary>
    [Id(26)] public DestinationOutcomes[] Outcomes { get; init; } = [];

    /// <summary>The newest decisions that the pool made by itself and that the ledger has not acknowledged, by their numbers; null or empty for none. At most <see cref="MostDecisions"/>.</summary>
    [Id(50)] public DecisionRecord[]? Decisions { get; init; }

    /// <summary>How many such decisions the pool has ever made, those included that no report tells.</summary>
    [Id(51)] public long DecisionsMade { get; init; }

    /// <summary>How old the pool is; null if it does not say.</summary>
    [Id(52)] public TimeSpan? PoolAge { get; init; }

    /// <summary>What this holder has counted, where its policy is decided in shadow; about once a second, else null.</summary>
    [Id(60)] public ShadowTotals? Shadow { get; init; }

    /// <summary>The same as <see cref="Clients"/> for the tenants that have asked most lately; null or empty when the ledger has it, or there is nothing. At most 32.</summary>
    [Id(65)] public TenantClients[]? TenantClients { get; init; }

    /// <summary>
    /// Leases for which permits have left the pool, and of which the ledger has not said what became of them; null or empty for none. <see cref="Held"/> does not contain their permits. A ledger of before there
    /// were such never confirms one.
    /// </summary>
    [Id(87)] public LeaseHandOver[]? HandOvers { get; init; }

    /// <summary>What the pool has counted since it was made; null from a holder of before there was such.</summary>
    [Id(95)] public HolderTotals? Totals { get; init; }

    /// <summary>Decisions of its own that one report tells at most.</summary>
    public const int MostDecisions = 16;
}

/// <summary>Permits that a pool holds for one destination.</summary>
/// <param name="Destination">The destination; empty where the policy names none.</param>
/// <param name="Held">Permits held, in use or idle; at least 1.</param>
/// <param name="InUse">Those of <paramref name="Held"/> that requests use.</param>
[GenerateSerializer, Immutable, Alias("Admission.HeldPermits")]
public readonly record struct HeldPermits([property: Id(0)] string Destination, [property: Id(1)] int Held, [property: Id(2)] int InUse);

/// <summary>One request that wants permits and found none idle in its pool.</summary>
/// <param name="Id">The ticket's number in its life; grows in order of arrival at the pool.</param>
/// <param name="Weight">Permits needed, all at one destination; at least 1.</param>
/// <param name="Priority">See <see cref="Priorities"/>; smaller is served first.</param>
/// <param name="Tenant">The tenant, or null.</param>
/// <param name="TimeLeft">How long the request will wait, counted from when the report was sent.</param>
[GenerateSerializer, Immutable, Alias("Admission.TicketRequest")]
public readonly record struct TicketRequest(
    [property: Id(0)] long Id,
    [property: Id(1)] int Weight,
    [property: Id(2)] int Priority,
    [property: Id(3)] string? Tenant,
    [property: Id(4)] TimeSpan TimeLeft)
{
    /// <summary>How long the request has waited, counted to when the report was sent.</summary>
    [Id(20)] public TimeSpan Waited { get; init; }

    /// <summary>How old its pool was when the request came, in whole seconds: part of its <see cref="TicketId"/>.</summary>
    [Id(50)] public uint Arrived { get; init; }

    /// <summary>Its client has said that it stays (<see cref="AdmissionRequest.IsHeld"/>): what others have shown of their patience does not count. False from a pool of before there was such.</summary>
    [Id(70)] public bool IsHeld { get; init; }
}

/// <summary>Totals of a life's finished work, from which the ledger measures how fast the backend drains.</summary>
/// <param name="Completed">Permits released after use.</param>
/// <param name="Sampled">Those of them whose time in use was measured.</param>
/// <param name="SampledTime">The sum of the measured times.</param>
[GenerateSerializer, Immutable, Alias("Admission.WorkTotals")]
public readonly record struct WorkTotals([property: Id(0)] long Completed, [property: Id(1)] long Sampled, [property: Id(2)] TimeSpan SampledTime);
