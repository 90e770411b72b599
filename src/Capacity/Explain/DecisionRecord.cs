namespace Admission.Capacity;

/// <summary>One decision that can be explained: a refusal, or a wait over <see cref="BackendPolicy.ExplainWaitsOver"/>.</summary>
/// <remarks>Kept by the ledger for its last decisions, and by each pool for those that it made by itself. Never stored.</remarks>
[GenerateSerializer, Immutable, Alias("Admission.DecisionRecord")]
public sealed record DecisionRecord
{
    /// <summary>Its number in the log that has it; grows by one. In a report: in the pool that decided.</summary>
    [Id(0)] public long Number { get; init; }

    /// <summary>The request, as <see cref="TicketId"/> writes it.</summary>
    [Id(1)] public required string Ticket { get; init; }

    /// <summary>How long ago it was decided, by the monotonic clock of who tells it.</summary>
    [Id(2)] public TimeSpan Age { get; init; }

    /// <summary>What was decided.</summary>
    [Id(3)] public required DecisionOutcome Outcome { get; init; }

    /// <summary>The rule that refused; None for a wait.</summary>
    [Id(4)] public RefusalReason Reason { get; init; }

    /// <summary>The holder whose request it was; empty in a report, which has it.</summary>
    [Id(5)] public string Holder { get; init; } = "";

    /// <summary>The holder decided by itself: by a notice of the ledger, or because the ledger could not.</summary>
    [Id(6)] public bool ByHolder { get; init; }

    /// <summary>The request's tenant, or null.</summary>
    [Id(7)] public string? Tenant { get; init; }

    /// <summary>The request's priority.</summary>
    [Id(8)] public int Priority { get; init; }

    /// <summary>Permits that it needed.</summary>
    [Id(9)] public int Weight { get; init; }

    /// <summary>How long it had waited.</summary>
    [Id(10)] public TimeSpan Waited { get; init; }

    /// <summary>What stood before it.</summary>
    [Id(11)] public required DecisionGrounds Grounds { get; init; }

    /// <summary>The greatest age that a holder is believed.</summary>
    internal static TimeSpan Oldest { get; } = TimeSpan.FromDays(3_650);

    /// <summary>Whether it can be kept: a holder's word, which may come from a bug or a stranger.</summary>
    internal bool IsUsable =>
        Number >= 1 && Age >= TimeSpan.Zero && Age <= Oldest && (Outcome is DecisionOutcome.Refused or DecisionOutcome.Waited or DecisionOutcome.Displaced)
        && Grounds is not null && (Tenant is null || Tenant.Length <= QueueOrderRules.LongestTenant);
}

/// <summary>What became of a request.</summary>
[GenerateSerializer, Alias("Admission.DecisionOutcome")]
public enum DecisionOutcome
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>It was refused.</summary>
    Refused = 1,

    /// <summary>It was admitted after a wait.</summary>
    Waited = 2,

    /// <summary>It waited, and was refused because a request of a higher priority took its place in the queue.</summary>
    Displaced = 3,
}

/// <summary>What stood before a request at one moment. What is not known to who decided is null.</summary>
[GenerateSerializer, Immutable, Alias("Admission.DecisionGrounds")]
public sealed record DecisionGrounds
{
    /// <summary>How full the backend was.</summary>
    [Id(0)] public Occupancy Occupancy { get; init; }

    /// <summary>Tickets of higher priorities that wait. For a wait: when it began.</summary>
    [Id(1)] public int? AheadHigher { get; init; }

    /// <summary>Tickets of its own priority that are served before it, at most. For a wait: when it began.</summary>
    [Id(2)] public int? AheadOwn { get; init; }

    /// <summary>Permits that its tenant has in use over the cluster; null for a tenant without a cap.</summary>
    [Id(3)] public int? TenantInUse { get; init; }

    /// <summary>Permits that its tenant may have in use; null for any number.</summary>
    [Id(4)] public int? TenantCap { get; init; }

    /// <summary>Other tickets of its tenant that wait at its priority; the requests without a tenant count as one.</summary>
    [Id(5)] public int? TenantQueued { get; init; }

    /// <summary>The wait that the measured drain rate lets expect. For a wait: when it began.</summary>
    [Id(6)] public TimeSpan? ExpectedWait { get; init; }

    /// <summary>How long the request may, or might, have waited on.</summary>
    [Id(7)] public TimeSpan? TimeLeft { get; init; }

    /// <summary>The longest wait that clients' patience allows.</summary>
    [Id(8)] public TimeSpan? LongestWait { get; init; }

    /// <summary>For how long no permit of the backend has been free.</summary>
    [Id(9)] public TimeSpan? SaturatedFor { get; init; }

    /// <summary>The saturation notice by which its holder refused it; 0 for none.</summary>
    [Id(10)] public long Notice { get; init; }

    /// <summary>For how long that notice had stood.</summary>
    [Id(11)] public TimeSpan? NoticeFor { get; init; }

    /// <summary>For how long the ledger had not answered its holder.</summary>
    [Id(12)] public TimeSpan? DetachedFor { get; init; }

    /// <summary>Requests that waited in the same holder.</summary>
    [Id(13)] public int? WaitingAtHolder { get; init; }
}
