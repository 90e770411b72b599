namespace Admission.Capacity;

/// <summary>Which of the last decisions are asked for.</summary>
[GenerateSerializer, Immutable, Alias("Admission.DecisionQuery")]
public sealed record DecisionQuery
{
    /// <summary>The most that a ledger keeps, and tells at once.</summary>
    public const int Most = 512;

    /// <summary>How many at most; 1 to <see cref="Most"/>, default 50.</summary>
    [Id(0)] public int Count { get; init; } = 50;

    /// <summary>Only those with a lower number: the next page. Null for the newest.</summary>
    [Id(1)] public long? Before { get; init; }

    /// <summary>Only those with this outcome; None for all.</summary>
    [Id(2)] public DecisionOutcome Outcome { get; init; }

    /// <summary>Only refusals by this rule; None for all.</summary>
    [Id(3)] public RefusalReason Reason { get; init; }

    /// <summary>Only those of this tenant; null for all.</summary>
    [Id(4)] public string? Tenant { get; init; }

    /// <summary>Whether it asks for such a decision, whatever its number.</summary>
    internal bool Takes(DecisionRecord record) =>
        (Outcome == DecisionOutcome.None || record.Outcome == Outcome)
        && (Reason == RefusalReason.None || record.Reason == Reason)
        && (Tenant is null || string.Equals(record.Tenant, Tenant, StringComparison.Ordinal));
}

/// <summary>The last decisions of a backend's ledger.</summary>
[GenerateSerializer, Immutable, Alias("Admission.DecisionPage")]
public sealed record DecisionPage
{
    /// <summary>The decisions, in the order in which the ledger heard of them, the newest first. What holders decided by themselves comes with their reports, some seconds later.</summary>
    [Id(0)] public required DecisionRecord[] Decisions { get; init; }

    /// <summary>Decisions that this ledger has recorded since its epoch began, those included that it keeps no longer.</summary>
    [Id(1)] public long Recorded { get; init; }

    /// <summary>Decisions of holders since then that were not reported: of many between two reports only the newest are.</summary>
    [Id(2)] public long LeftOut { get; init; }

    /// <summary>How long this ledger has recorded. An earlier one's records are gone.</summary>
    [Id(3)] public TimeSpan Age { get; init; }

    /// <summary>The tickets that are served next, at most 20, about in that order; not for a page before others.</summary>
    [Id(4)] public string[] Waiting { get; init; } = [];
}
