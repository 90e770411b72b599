namespace Admission.Capacity;

/// <summary>What is known of one request that was refused, waited, or waits.</summary>
[GenerateSerializer, Immutable, Alias("Admission.TicketExplanation")]
public sealed record TicketExplanation
{
    /// <summary>From what it is told; says which of the other members is there.</summary>
    [Id(0)] public required ExplanationSource Source { get; init; }

    /// <summary>The record of the decision, or null.</summary>
    [Id(1)] public DecisionRecord? Record { get; init; }

    /// <summary>The ticket that waits, or null.</summary>
    [Id(2)] public WaitingTicket? Waiting { get; init; }

    /// <summary>The saturation notice by which the request was refused, or null.</summary>
    [Id(3)] public SaturationNotice? Notice { get; init; }

    /// <summary>How long ago the request came, in whole seconds, where nothing but its ticket tells of it; null if that is not known.</summary>
    [Id(4)] public TimeSpan? Age { get; init; }

    /// <summary>The holder that gave the ticket; null if it is not known here.</summary>
    [Id(5)] public string? Holder { get; init; }

    /// <summary>Puts together what the ledger says and what the holder itself knows.</summary>
    /// <param name="ledger">What the ledger says; null if it does not answer.</param>
    /// <param name="holder">What the holder knows; null if that is nothing, or the ticket another's.</param>
    /// <returns>Who knows most; null if neither says anything.</returns>
    public static TicketExplanation? Merge(TicketExplanation? ledger, TicketExplanation? holder) => (ledger, holder) switch
    {
        (null, _) => holder,
        (_, null) or ({ Record.ByHolder: true }, _) => ledger,

        // The holder's word is what its client was told, whatever the ledger has decided for a holder that it did not reach.
        (_, { Source: ExplanationSource.Record }) => holder with { Notice = ledger.Notice },
        ({ Source: ExplanationSource.Record }, _) => ledger,
        ({ Source: ExplanationSource.Waiting or ExplanationSource.Notice }, _) => ledger,
        _ => holder,
    };
}

/// <summary>From what a request is explained.</summary>
[GenerateSerializer, Alias("Admission.ExplanationSource")]
public enum ExplanationSource
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>The record of its decision.</summary>
    Record = 1,

    /// <summary>It waits.</summary>
    Waiting = 2,

    /// <summary>Its own record was left out or is gone; the notice by which its holder refused it is there.</summary>
    Notice = 3,

    /// <summary>Nothing but what the ticket itself says: the reason, and when.</summary>
    Ticket = 4,

    /// <summary>Nothing is known of it.</summary>
    Unknown = 5,
}

/// <summary>A ticket that waits.</summary>
[GenerateSerializer, Immutable, Alias("Admission.WaitingTicket")]
public sealed record WaitingTicket
{
    /// <summary>The request, as <see cref="TicketId"/> writes it.</summary>
    [Id(0)] public required string Ticket { get; init; }

    /// <summary>The holder whose request it is.</summary>
    [Id(1)] public required string Holder { get; init; }

    /// <summary>The tenant, or null.</summary>
    [Id(2)] public string? Tenant { get; init; }

    /// <summary>The priority.</summary>
    [Id(3)] public int Priority { get; init; }

    /// <summary>Permits that it needs.</summary>
    [Id(4)] public int Weight { get; init; }

    /// <summary>How long it has waited.</summary>
    [Id(5)] public TimeSpan Waited { get; init; }

    /// <summary>What it waits for.</summary>
    [Id(6)] public required WaitsFor WaitsFor { get; init; }

    /// <summary>
    /// Its place, at most; 1 is next. By the time it is served each other tenant has been served in proportion to its weight, which is an estimate, and tickets of its own tenant that have left from the middle still
    /// count. Null while the ledger does not know it.
    /// </summary>
    [Id(7)] public int? Place { get; init; }

    /// <summary>Tickets of its own tenant and priority that are served before it, at most.</summary>
    [Id(8)] public int? AheadOfTenant { get; init; }

    /// <summary>What stands before it.</summary>
    [Id(9)] public required DecisionGrounds Grounds { get; init; }

    /// <summary>Permits that are free at present.</summary>
    [Id(10)] public int? Free { get; init; }

    /// <summary>The ticket that is served next; null if that is this one, or none can be.</summary>
    [Id(11)] public string? Next { get; init; }

    /// <summary>Permits that the next one needs, whichever it is; 0 if none can be served.</summary>
    [Id(12)] public int NextWeight { get; init; }

    /// <summary>The priority of the next one.</summary>
    [Id(13)] public int NextPriority { get; init; }
}

/// <summary>What a ticket waits for.</summary>
[GenerateSerializer, Alias("Admission.WaitsFor")]
public enum WaitsFor
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>It is next, and a permit has to come back: all are in use.</summary>
    Permits = 1,

    /// <summary>Others come before it.</summary>
    Turn = 2,

    /// <summary>There would be room for it, but the next ticket needs more permits than are free, and nobody takes them from it.</summary>
    HeavyTicket = 3,

    /// <summary>Its tenant has as many permits in use as it may.</summary>
    TenantCap = 4,

    /// <summary>A ticket of a lower priority is next, because that priority's guaranteed share is due.</summary>
    GuaranteedShare = 5,

    /// <summary>Every destination has failed, and one has to serve its trial first.</summary>
    Destination = 6,

    /// <summary>Permits that may be idle in holders were called back, and have not arrived.</summary>
    IdlePermits = 7,

    /// <summary>The ledger finds out what earlier holders hold, and grants nothing until it knows.</summary>
    Recovery = 8,

    /// <summary>The ledger has not answered yet.</summary>
    Ledger = 9,

    /// <summary>An operator has paused the backend.</summary>
    Resumption = 10,
}

/// <summary>A row of saturation notices with no more than a second between two of them: so long holders refused by themselves.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Reason">Why, for everybody whom it held for: <see cref="RefusalReason.NoDestination"/>, <see cref="RefusalReason.Paused"/>, else the backend was full.</param>
/// <param name="Began">How long ago it began.</param>
/// <param name="Ended">How long ago it ended; zero while it stands.</param>
/// <param name="Told">Messages that carried it.</param>
/// <param name="SaturatedFor">For how long no permit had been free when it was last told.</param>
/// <param name="Occupancy">How full the backend was then.</param>
[GenerateSerializer, Immutable, Alias("Admission.SaturationNotice")]
public sealed record SaturationNotice(
    [property: Id(0)] long Number, [property: Id(1)] RefusalReason Reason, [property: Id(2)] TimeSpan Began, [property: Id(3)] TimeSpan Ended, [property: Id(4)] long Told,
    [property: Id(5)] TimeSpan SaturatedFor, [property: Id(6)] Occupancy Occupancy);
