namespace Admission.Capacity;

/// <summary>A backend at one instant, short enough to be asked for every second: no holder and no destination by name.</summary>
[GenerateSerializer, Immutable, Alias("Admission.BackendGlance")]
public sealed record BackendGlance
{
    /// <summary>The ledger's epoch.</summary>
    [Id(0)] public required long Epoch { get; init; }

    /// <summary>What the ledger can do.</summary>
    [Id(1)] public required LedgerStatus Status { get; init; }

    /// <summary>The limit in force.</summary>
    [Id(2)] public int Limit { get; init; }

    /// <summary>Permits in use, without those in quarantine, as holders last reported.</summary>
    [Id(3)] public int InUse { get; init; }

    /// <summary>Permits that holders have and do not use, as they last reported.</summary>
    [Id(4)] public int Idle { get; init; }

    /// <summary>Permits of lost holders whose work may still run.</summary>
    [Id(5)] public int Quarantined { get; init; }

    /// <summary>Tickets in the queue.</summary>
    [Id(6)] public int Waiting { get; init; }

    /// <summary>Places in the queue; 0 if nobody may wait.</summary>
    [Id(7)] public int QueueCapacity { get; init; }

    /// <summary>Lives that have an account.</summary>
    [Id(8)] public int Holders { get; init; }

    /// <summary>Destinations with limits of their own, drained ones included.</summary>
    [Id(9)] public int Destinations { get; init; }

    /// <summary>Those of them that are withheld or on trial.</summary>
    [Id(10)] public int Withheld { get; init; }

    /// <summary>The policy's version.</summary>
    [Id(11)] public long PolicyVersion { get; init; }

    /// <summary>An operator has paused the backend.</summary>
    [Id(12)] public bool IsPaused { get; init; }

    /// <summary>An operator has changed the policy.</summary>
    [Id(13)] public bool IsAdjusted { get; init; }

    /// <summary>The limit finds itself.</summary>
    [Id(14)] public bool IsAdaptive { get; init; }

    /// <summary>For how long no permit has been free; null if one is.</summary>
    [Id(15)] public TimeSpan? SaturatedFor { get; init; }

    /// <summary>Requests per second that got their permit, over the last 10 to 15 s.</summary>
    [Id(16)] public double ServedPerSecond { get; init; }

    /// <summary>Requests per second that were refused, over the last 10 to 15 s.</summary>
    [Id(17)] public double RefusedPerSecond { get; init; }

    /// <summary>Some holder is of before there were <see cref="HolderReport.Totals"/>, so what was served at once, and what it refused by itself, is missing in the rates.</summary>
    [Id(18)] public bool CountsAreMissing { get; init; }

    /// <summary>Half of those that got a permit in the last 30 to 60 s waited no longer; null if there were none.</summary>
    [Id(19)] public TimeSpan? WaitP50 { get; init; }

    /// <summary>99 of 100 of them waited no longer.</summary>
    [Id(20)] public TimeSpan? WaitP99 { get; init; }

    /// <summary>How long the ledger has been in this epoch.</summary>
    [Id(21)] public TimeSpan Age { get; init; }

    /// <summary>How long it took to find out what earlier holders held, or has taken so far; null if there were none to wait for.</summary>
    [Id(22)] public TimeSpan? Recovery { get; init; }

    /// <summary>Holders whose lease has ended while they held permits, since the epoch began.</summary>
    [Id(23)] public long LeaseLosses { get; init; }

    /// <summary>How long ago the last of them was; null for none.</summary>
    [Id(24)] public TimeSpan? LastLeaseLoss { get; init; }

    /// <summary>How often a destination was withheld, since the epoch began.</summary>
    [Id(25)] public long Ejections { get; init; }

    /// <summary>How long ago the last of them was; null for none.</summary>
    [Id(26)] public TimeSpan? LastEjection { get; init; }

    /// <summary>Decisions recorded, as <see cref="DecisionPage.Recorded"/>: a change means that there are new ones.</summary>
    [Id(27)] public long Recorded { get; init; }

    /// <summary>Where the ledger lives, as the engine names silos; null if it does not say.</summary>
    [Id(28)] public string? Silo { get; init; }

    /// <summary>The number of the last of <see cref="Samples"/>, or of the last there is; -1 for none yet. Numbers begin at 0 in each epoch.</summary>
    [Id(29)] public long LastSample { get; init; } = -1;

    /// <summary>How long ago that one ended.</summary>
    [Id(30)] public TimeSpan SampleAge { get; init; }

    /// <summary>The samples that were asked for, the oldest first; one for each 5 s, at most 180.</summary>
    [Id(31)] public LedgerSample[] Samples { get; init; } = [];

    /// <summary>Leases that programs hold by themselves.</summary>
    [Id(32)] public int Leases { get; init; }

    /// <summary>Their permits, which count as in use.</summary>
    [Id(33)] public int Leased { get; init; }
}

/// <summary>How a ledger stood in 5 s.</summary>
/// <param name="Limit">The limit at their end.</param>
/// <param name="InUse">The most permits in use.</param>
/// <param name="Waiting">The most tickets in the queue.</param>
/// <param name="Refused">Refusals that were reported meanwhile.</param>
/// <param name="Served">Requests of which it was reported meanwhile that they got their permit.</param>
[GenerateSerializer, Immutable, Alias("Admission.LedgerSample")]
public readonly record struct LedgerSample(
    [property: Id(0)] int Limit, [property: Id(1)] int InUse, [property: Id(2)] int Waiting, [property: Id(3)] int Refused, [property: Id(4)] int Served);

/// <summary>What a holder's pool has counted since it was made, over all its lives. Each number only grows.</summary>
/// <param name="AdmittedAtOnce">Requests that found a permit in memory.</param>
/// <param name="AdmittedAfterWait">Requests that got a permit after a wait for the ledger or for somebody's permit.</param>
/// <param name="Refused">Requests that were refused, by whatever rule.</param>
[GenerateSerializer, Immutable, Alias("Admission.HolderTotals")]
public readonly record struct HolderTotals([property: Id(0)] long AdmittedAtOnce, [property: Id(1)] long AdmittedAfterWait, [property: Id(2)] long Refused);
