namespace Admission.Simulator;

/// <summary>What a replay has shown.</summary>
public sealed record ReplayResult
{
    /// <summary>All requests.</summary>
    public required GroupResult All { get; init; }

    /// <summary>The requests of each tenant, the busiest first; those without one have an empty name.</summary>
    public required IReadOnlyList<GroupResult> Tenants { get; init; }

    /// <summary>The requests of each priority, the first served first.</summary>
    public required IReadOnlyList<GroupResult> Priorities { get; init; }

    /// <summary>Refusals by their reason.</summary>
    public required IReadOnlyDictionary<RefusalReason, long> Refusals { get; init; }

    /// <summary>From the beginning to the end of the last request.</summary>
    public required TimeSpan Span { get; init; }

    /// <summary>Permits in use of those that there were, over <see cref="Span"/>; 0 to 1.</summary>
    public required double Utilisation { get; init; }

    /// <summary>The part of the work whose client had left before its end; 0 to 1.</summary>
    public required double Wasted { get; init; }

    /// <summary>The most permits in use at one instant.</summary>
    public required int PeakInUse { get; init; }

    /// <summary>The highest limit that the ledger said.</summary>
    public required int HighestLimit { get; init; }

    /// <summary>The lowest one.</summary>
    public required int LowestLimit { get; init; }

    /// <summary>The limit, averaged over <see cref="Span"/>.</summary>
    public required double MeanLimit { get; init; }

    /// <summary>The policy's limit finds itself.</summary>
    public bool FindsLimit { get; init; }

    /// <summary>See <see cref="Simulator.Fairness"/>; null for fewer than two tenants.</summary>
    public required double? Fairness { get; init; }

    /// <summary>What happened when.</summary>
    public required ReplaySeries Series { get; init; }

    /// <summary>The messages.</summary>
    public required MessageCounts Messages { get; init; }

    /// <summary>The frontends that took part.</summary>
    public required int Frontends { get; init; }
}

/// <summary>What became of a group of requests.</summary>
public sealed record GroupResult
{
    /// <summary>The tenant or the priority.</summary>
    public required string Name { get; init; }

    /// <summary>Requests that arrived.</summary>
    public required long Requests { get; init; }

    /// <summary>Those that ran to their end with their client there.</summary>
    public required long Served { get; init; }

    /// <summary>Those that were refused.</summary>
    public required long Refused { get; init; }

    /// <summary>Those whose client left while they waited.</summary>
    public required long Left { get; init; }

    /// <summary>Those whose client left while they ran.</summary>
    public required long Abandoned { get; init; }

    /// <summary>Those that were cut off at the policy's <see cref="BackendPolicy.RunTimeout"/>.</summary>
    public required long TimedOut { get; init; }

    /// <summary>Permit-seconds asked for.</summary>
    public required double WorkAsked { get; init; }

    /// <summary>Permit-seconds used.</summary>
    public required double WorkDone { get; init; }

    /// <summary>How long those that ran had waited.</summary>
    public required WaitSummary Waits { get; init; }
}

/// <summary>The messages between frontends and ledger.</summary>
/// <param name="Exchanges">Reports, each with its answer.</param>
/// <param name="Pushes">What the ledger said unasked.</param>
/// <param name="Messages">All together: reports, answers, pushes.</param>
/// <param name="LedgerTime">What the ledger's calls cost on the measuring clock; zero without one.</param>
public sealed record MessageCounts(long Exchanges, long Pushes, long Messages, TimeSpan LedgerTime);
