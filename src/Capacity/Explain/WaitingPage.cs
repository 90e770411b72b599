namespace Admission.Capacity;

/// <summary>Which of the tickets that wait are asked for.</summary>
[GenerateSerializer, Immutable, Alias("Admission.WaitingQuery")]
public sealed record WaitingQuery
{
    /// <summary>The most tickets on one page.</summary>
    public const int Most = 200;

    /// <summary>How many at most; 1 to <see cref="Most"/>, default 50.</summary>
    [Id(0)] public int Count { get; init; } = 50;

    /// <summary>Only those that arrived after this one, by <see cref="TicketInQueue.Arrival"/>: the next page. 0 for the first.</summary>
    [Id(1)] public long After { get; init; }

    /// <summary>Only those of this tenant; null for all.</summary>
    [Id(2)] public string? Tenant { get; init; }

    /// <summary>Only those of this priority; null for all.</summary>
    [Id(3)] public int? Priority { get; init; }

    /// <summary>Whether it asks for such a ticket.</summary>
    internal bool Takes(in TicketRequest request) =>
        (Priority is null || request.Priority == Priority) && (Tenant is null || string.Equals(request.Tenant, Tenant, StringComparison.Ordinal));
}

/// <summary>Tickets that wait, in the order in which they reached the ledger, and who waits how much.</summary>
[GenerateSerializer, Immutable, Alias("Admission.WaitingPage")]
public sealed record WaitingPage
{
    /// <summary>Groups that are told at most.</summary>
    public const int MostGroups = 50;

    /// <summary>The tickets.</summary>
    [Id(0)] public required TicketInQueue[] Tickets { get; init; }

    /// <summary>All that wait, whatever was asked for.</summary>
    [Id(1)] public int Total { get; init; }

    /// <summary>Those that were asked for, on all pages.</summary>
    [Id(2)] public int Found { get; init; }

    /// <summary>Those that were asked for by priority and tenant, the largest groups first; at most <see cref="MostGroups"/>, and only with the first page.</summary>
    [Id(3)] public WaitingGroup[] Groups { get; init; } = [];
}

/// <summary>A ticket in the queue.</summary>
/// <param name="Ticket">The request, as <see cref="TicketId"/> writes it.</param>
/// <param name="Arrival">Its number among the tickets of this ledger.</param>
/// <param name="Holder">The holder whose request it is.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="Weight">Permits that it needs.</param>
/// <param name="Waited">How long it has waited.</param>
/// <param name="Left">How long it may wait yet.</param>
[GenerateSerializer, Immutable, Alias("Admission.TicketInQueue")]
public readonly record struct TicketInQueue(
    [property: Id(0)] string Ticket, [property: Id(1)] long Arrival, [property: Id(2)] string Holder, [property: Id(3)] int Priority, [property: Id(4)] string? Tenant,
    [property: Id(5)] int Weight, [property: Id(6)] TimeSpan Waited, [property: Id(7)] TimeSpan Left);

/// <summary>Tickets of one priority and tenant.</summary>
/// <param name="Priority">The priority.</param>
/// <param name="Tenant">The tenant, or null.</param>
/// <param name="Count">How many wait.</param>
/// <param name="Permits">Permits that they need together.</param>
/// <param name="Longest">How long the one has waited that came first.</param>
[GenerateSerializer, Immutable, Alias("Admission.WaitingGroup")]
public readonly record struct WaitingGroup(
    [property: Id(0)] int Priority, [property: Id(1)] string? Tenant, [property: Id(2)] int Count, [property: Id(3)] long Permits, [property: Id(4)] TimeSpan Longest);
