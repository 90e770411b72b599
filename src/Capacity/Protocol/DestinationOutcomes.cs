namespace Admission.Capacity;

/// <summary>
/// How a life's work at one destination ended: absolute state, as everything in a report. Only of destinations at which something failed since the ledger last
/// acknowledged a report, and of those that the ledger watches.
/// </summary>
/// <param name="Destination">Its name; empty where the policy names none.</param>
/// <param name="Streak">Failures in a row up to now: 0 when the last work that ended was served.</param>
/// <param name="ConnectStreak">Those of them that were failed connects.</param>
/// <param name="ConnectsFailed">Failed connects in this life.</param>
/// <param name="TimedOut">Work that timed out in this life.</param>
/// <param name="Broken">Broken connections in this life.</param>
/// <param name="ServedAgo">How long before this report the last work was served, as far as it was measured; null for never.</param>
/// <param name="Trial">The number of the last trial that ended here; 0 for none.</param>
/// <param name="TrialEnd">How that one ended.</param>
[GenerateSerializer, Immutable, Alias("Admission.DestinationOutcomes")]
public readonly record struct DestinationOutcomes(
    [property: Id(0)] string Destination, [property: Id(1)] int Streak, [property: Id(2)] int ConnectStreak, [property: Id(3)] long ConnectsFailed,
    [property: Id(4)] long TimedOut, [property: Id(5)] long Broken, [property: Id(6)] TimeSpan? ServedAgo, [property: Id(7)] long Trial, [property: Id(8)] TrialEnd TrialEnd)
{
    /// <summary>All failures of this life.</summary>
    public long Failed => ConnectsFailed + TimedOut + Broken;
}

/// <summary>How a trial ended.</summary>
[GenerateSerializer, Alias("Admission.TrialEnd")]
public enum TrialEnd
{
    /// <summary>There was none.</summary>
    None = 0,

    /// <summary>The destination served it.</summary>
    Served = 1,

    /// <summary>It failed.</summary>
    Failed = 2,

    /// <summary>It says nothing: the permit was not used, or its client left.</summary>
    Undecided = 3,
}
