namespace Admission.Capacity;

/// <summary>
/// What the ledger tells one life of a holder, as the reply to a report or pushed to its observer.
/// </summary>
/// <remarks>
/// Carries every decision that the life has not acknowledged, so a lost message leaves no gap. A pool ignores a message
/// that is not for its present epoch and life, except to adopt a higher epoch.
/// </remarks>
[GenerateSerializer, Immutable, Alias("Admission.LedgerMessage")]
public sealed record LedgerMessage
{
    /// <summary>The ledger's epoch; at least 1.</summary>
    [Id(0)] public required long Epoch { get; init; }

    /// <summary>The holder addressed.</summary>
    [Id(1)] public required string Holder { get; init; }

    /// <summary>The life addressed.</summary>
    [Id(2)] public required long Incarnation { get; init; }

    /// <summary>
    /// The number of this message to this life in this epoch; the state of an overtaken message is not applied.
    /// 0 in the answer to a report that was not booked: only its status counts.
    /// </summary>
    [Id(3)] public required long Sequence { get; init; }

    /// <summary>What the ledger can do at present.</summary>
    [Id(4)] public required LedgerStatus Status { get; init; }

    /// <summary>The newest report of this life that is booked; 0 for none. It renews the lease from when that report was sent.</summary>
    [Id(5)] public long AcknowledgedReport { get; init; }

    /// <summary>The lease's time-to-live for the acknowledged report.</summary>
    [Id(6)] public TimeSpan LeaseTtl { get; init; }

    /// <summary>All decisions after the last acknowledged one, by <see cref="Decision.Sequence"/> without gaps.</summary>
    [Id(7)] public Decision[] Decisions { get; init; } = [];

    /// <summary>
    /// The pool may keep idle permits while it holds at most this many in all; what is beyond goes back with its next report.
    /// Meaningless while <see cref="Contended"/>, when no idle permit may be kept.
    /// </summary>
    [Id(8)] public int Allowance { get; init; }

    /// <summary>Tickets wait: every idle permit goes back at once, and a released one is not reused.</summary>
    [Id(9)] public bool Contended { get; init; }

    /// <summary>Destinations of which no idle permit may be kept, whatever the allowance (drained, or above a lowered limit).</summary>
    [Id(10)] public string[] Recalled { get; init; } = [];

    /// <summary>The pool reports at once when a permit becomes idle: others have been refused for want of it.</summary>
    [Id(11)] public bool ReportIdle { get; init; }

    /// <summary>Refuse arrivals locally for so long; zero takes an earlier notice back.</summary>
    [Id(12)] public TimeSpan SaturatedFor { get; init; }

    /// <summary>How full the backend is.</summary>
    [Id(13)] public Occupancy Occupancy { get; init; }

    /// <summary>Where this life's newly queued tickets stand.</summary>
    [Id(14)] public TicketPosition[] Positions { get; init; } = [];

    /// <summary>The version of the policy in force.</summary>
    [Id(15)] public long PolicyVersion { get; init; }

    /// <summary>Whom <see cref="SaturatedFor"/> refuses.</summary>
    [Id(20)] public SaturationScope SaturationScope { get; init; }

    /// <summary>
    /// Destinations that have failed: their idle permits leave the pool at once, and so does each that is released there. Only the permit of a trial
    /// (<see cref="Decision.Trial"/>) may be used.
    /// </summary>
    [Id(26)] public string[] Withheld { get; init; } = [];

    /// <summary>Destinations at which others have seen failures: report how work ended there, at once and with every report.</summary>
    [Id(27)] public string[] Watched { get; init; } = [];

    /// <summary>The saturation notice is for want of a destination, not of capacity.</summary>
    [Id(28)] public bool NoDestination { get; init; }

    /// <summary>The number of the saturation notice; 0 without one.</summary>
    [Id(50)] public long Notice { get; init; }

    /// <summary>How long that notice has stood, the messages before this one included.</summary>
    [Id(51)] public TimeSpan NoticeFor { get; init; }

    /// <summary>For how long no permit has been free; null if one is, or if the ledger does not say.</summary>
    [Id(52)] public TimeSpan? NoPermitFor { get; init; }

    /// <summary>Refuse locally, for <see cref="LateFor"/>, the arrivals that cannot wait for so long; null or empty takes earlier notices back. At most 9.</summary>
    [Id(65)] public LateNotice[]? Late { get; init; }

    /// <summary>How long <see cref="Late"/> holds.</summary>
    [Id(66)] public TimeSpan LateFor { get; init; }

    /// <summary>What is not as the pool's own policy has it, because an operator has adjusted it; null for nothing, and from a ledger of before there was such.</summary>
    [Id(85)] public AdjustedBounds? Adjusted { get; init; }

    /// <summary>What has become of the leases that the acknowledged report hands over, as far as that is settled; null for nothing, and from a ledger of before there were such.</summary>
    [Id(87)] public LeaseGrant[]? Leases { get; init; }

    /// <summary>Somebody looks at the backend closely: report at least so often, until a message does not say so; null for as usual, and from a ledger of before there was such.</summary>
    [Id(95)] public TimeSpan? ReportWithin { get; init; }
}

/// <summary>What a ledger can do at present.</summary>
[GenerateSerializer, Alias("Admission.LedgerStatus")]
public enum LedgerStatus
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>It grants.</summary>
    Granting = 1,

    /// <summary>It does not know yet what earlier lives hold, and grants nothing until it does.</summary>
    Recovering = 2,

    /// <summary>The report named a lower epoch: adopt this one and report again.</summary>
    NewEpoch = 3,

    /// <summary>The life is being stored; the same report is accepted once that is done.</summary>
    Registering = 4,

    /// <summary>The life is over (its lease ran out): begin a new one.</summary>
    LifeOver = 5,

    /// <summary>The ledger's authority has run out or it has a successor: report again, elsewhere if need be.</summary>
    NoAuthority = 6,

    /// <summary>No policy has been given for this backend.</summary>
    NoPolicy = 7,

    /// <summary>The backend has as many holders as it may have.</summary>
    TooManyHolders = 8,
}

/// <summary>One numbered decision: permits for a ticket, a block of permits for future arrivals, or a ticket's refusal.</summary>
[GenerateSerializer, Immutable, Alias("Admission.Decision")]
public readonly record struct Decision
{
    /// <summary>The decision's number in its epoch and life; the first is 1.</summary>
    [Id(0)] public required long Sequence { get; init; }

    /// <summary>Grant or refusal.</summary>
    [Id(1)] public required DecisionKind Kind { get; init; }

    /// <summary>The ticket; 0 for a block of permits.</summary>
    [Id(2)] public long Ticket { get; init; }

    /// <summary>For a grant: the destination; empty where the policy names none.</summary>
    [Id(3)] public string Destination { get; init; }

    /// <summary>For a grant: how many permits.</summary>
    [Id(4)] public int Permits { get; init; }

    /// <summary>For a refusal: why, and when to come back.</summary>
    [Id(5)] public Refusal? Refusal { get; init; }

    /// <summary>For a grant that is the trial of a withheld destination: the trial's number, which no other has; else 0.</summary>
    [Id(26)] public long Trial { get; init; }

    /// <summary>For a grant to a ticket: the ledger has recorded its wait.</summary>
    [Id(50)] public bool IsExplained { get; init; }
}

/// <summary>What a <see cref="Decision"/> decides.</summary>
[GenerateSerializer, Alias("Admission.DecisionKind")]
public enum DecisionKind
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>Permits are granted.</summary>
    Grant = 1,

    /// <summary>The ticket is refused.</summary>
    Refuse = 2,
}

/// <summary>How full a backend is, as its ledger sees it.</summary>
/// <param name="Limit">Permits there are.</param>
/// <param name="InUse">Permits in use as last reported, those of lost holders in quarantine included.</param>
/// <param name="Queued">Tickets that wait.</param>
/// <param name="RetryAfter">When a new request can expect a place, from the measured drain rate.</param>
[GenerateSerializer, Immutable, Alias("Admission.Occupancy")]
public readonly record struct Occupancy(
    [property: Id(0)] int Limit, [property: Id(1)] int InUse, [property: Id(2)] int Queued, [property: Id(3)] TimeSpan RetryAfter);

/// <summary>Where a ticket stood when it was queued.</summary>
/// <param name="Ticket">The ticket.</param>
/// <param name="Position">Its place; 1 is next.</param>
/// <param name="ExpectedWait">The expected wait by the measured drain rate; zero while nothing has been measured.</param>
[GenerateSerializer, Immutable, Alias("Admission.TicketPosition")]
public readonly record struct TicketPosition([property: Id(0)] long Ticket, [property: Id(1)] int Position, [property: Id(2)] TimeSpan ExpectedWait);
