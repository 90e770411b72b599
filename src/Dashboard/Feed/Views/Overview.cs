namespace Admission.Dashboard.Feed;

/// <summary>All backends at one instant.</summary>
/// <param name="At">When the round ended that this is from, by this process's clock.</param>
/// <param name="Rows">The backends, those in trouble first: by <see cref="BackendRow.Trouble"/>, then by name.</param>
/// <param name="LeftOut">Backends that are not in <paramref name="Rows"/>, because there are more than <see cref="IDashboardFeed.MostRows"/>.</param>
/// <param name="Took">How long the round took; more than a second where there are very many backends or some do not answer.</param>
/// <param name="Problem">Why the list of the backends is not known, or old; null if it is known.</param>
public sealed record Overview(DateTimeOffset At, IReadOnlyList<BackendRow> Rows, int LeftOut, TimeSpan Took, string? Problem);

/// <summary>One backend in the overview. What is not known is null; of one that does not answer all is as it was last told.</summary>
public sealed record BackendRow
{
    /// <summary>The backend.</summary>
    public required string Id { get; init; }

    /// <summary>What its ledger can do: <c>granting</c>, <c>recovering</c>, <c>no-policy</c>, <c>no-authority</c>; <c>idle</c> if nobody uses the backend; <c>unreachable</c> if it does not answer; <c>asking</c> before its first answer.</summary>
    public required string Status { get; init; }

    /// <summary>The limit in force.</summary>
    public int? Limit { get; init; }

    /// <summary>Permits in use, without those in quarantine. A holder reports what it uses every second while somebody looks closely, else every third of its lease's time-to-live; of this process it is known as it stands.</summary>
    public int? InUse { get; init; }

    /// <summary>Permits that holders have and do not use.</summary>
    public int? Idle { get; init; }

    /// <summary>Permits of lost holders whose work may still run.</summary>
    public int? Quarantined { get; init; }

    /// <summary>Tickets in the queue.</summary>
    public int? Waiting { get; init; }

    /// <summary>Places in the queue; 0 if nobody may wait.</summary>
    public int? QueueCapacity { get; init; }

    /// <summary>Refusals per second over the last 10 to 15 s, those included that gateways decide by themselves.</summary>
    public double? RefusedPerSecond { get; init; }

    /// <summary>Requests per second that were given their permit, over the last 10 to 15 s.</summary>
    public double? ServedPerSecond { get; init; }

    /// <summary>Half of those that got a permit in the last 30 to 60 s waited at most so long; those that found one at once count with no wait. Null if there were none.</summary>
    public TimeSpan? WaitP50 { get; init; }

    /// <summary>The same of 99 of 100.</summary>
    public TimeSpan? WaitP99 { get; init; }

    /// <summary>The part of the limit that is not free, 0 to 1 and above it where the limit was lowered: in use and quarantined. Null without a limit.</summary>
    public double? Utilisation { get; init; }

    /// <summary>How much trouble there is, 0 for none: the sum of <see cref="Troubles"/>.</summary>
    public int Trouble { get; init; }

    /// <summary>What is wrong, the worst first.</summary>
    public IReadOnlyList<TroubleReason> Troubles { get; init; } = [];

    /// <summary>The last 15 minutes, the oldest first: one point for each 5 s, at most 180.</summary>
    public IReadOnlyList<LinePoint> Line { get; init; } = [];

    /// <summary>The ledger's epoch.</summary>
    public long? Epoch { get; init; }

    /// <summary>Where the ledger lives, as the engine names silos.</summary>
    public string? Silo { get; init; }

    /// <summary>When this ledger began.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Processes that have an account with the ledger.</summary>
    public int? Holders { get; init; }

    /// <summary>Leases that programs hold by themselves; their permits are in <see cref="InUse"/>.</summary>
    public int? Leases { get; init; }

    /// <summary>Destinations that have limits of their own.</summary>
    public int? Destinations { get; init; }

    /// <summary>Those of them that are withheld or on trial, because they failed.</summary>
    public int? Withheld { get; init; }

    /// <summary>For how long no permit has been free; null if one is.</summary>
    public TimeSpan? SaturatedFor { get; init; }

    /// <summary>An operator has paused the backend.</summary>
    public bool IsPaused { get; init; }

    /// <summary>An operator has changed the policy.</summary>
    public bool IsAdjusted { get; init; }

    /// <summary>The limit finds itself.</summary>
    public bool IsAdaptive { get; init; }

    /// <summary>The policy's version.</summary>
    public long? PolicyVersion { get; init; }

    /// <summary>When the ledger last answered; null for never.</summary>
    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>Since when the ledger does not answer; null if it does.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }

    /// <summary>Why it does not; null if it does.</summary>
    public string? Error { get; init; }
}

/// <summary>Something that is wrong with a backend.</summary>
/// <param name="Kind">What.</param>
/// <param name="Weight">How bad, above 0.</param>
/// <param name="Words">It in a few words, with its numbers.</param>
public sealed record TroubleReason(TroubleKind Kind, int Weight, string Words);

/// <summary>What may be wrong with a backend, the worst first.</summary>
public enum TroubleKind
{
    /// <summary>Its ledger does not answer.</summary>
    Unreachable,

    /// <summary>Its ledger may not grant, because the store has not confirmed its authority.</summary>
    NoAuthority,

    /// <summary>Its ledger finds out what earlier holders hold, and grants nothing yet.</summary>
    Recovering,

    /// <summary>Destinations are withheld because they fail.</summary>
    Withheld,

    /// <summary>A holder's lease has run out while it held permits, in the last minutes.</summary>
    LeaseLost,

    /// <summary>Requests are refused.</summary>
    Refusing,

    /// <summary>Nothing is free, and requests wait.</summary>
    Queueing,

    /// <summary>An operator has paused it.</summary>
    Paused,

    /// <summary>Permits of lost holders are in quarantine.</summary>
    Quarantined,

    /// <summary>It has no policy yet.</summary>
    NoPolicy,

    /// <summary>Its limit is 0.</summary>
    NoLimit,
}

/// <summary>One point of a backend's line: 5 s.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Limit">The limit then.</param>
/// <param name="InUse">The most permits that were in use meanwhile, as far as the ledger was told.</param>
/// <param name="Waiting">The most tickets that waited meanwhile.</param>
/// <param name="Refused">Refusals in this time.</param>
/// <param name="Served">Requests that got their permit in this time.</param>
public readonly record struct LinePoint(DateTimeOffset At, int Limit, int InUse, int Waiting, int Refused, int Served)
{
    /// <summary>The time that one point stands for.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Refusals per second.</summary>
    public double RefusedPerSecond => Refused / Length.TotalSeconds;

    /// <summary>Requests per second that got their permit.</summary>
    public double ServedPerSecond => Served / Length.TotalSeconds;
}
