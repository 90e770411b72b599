namespace Admission.Capacity;

/// <summary>What a pool would answer to one more request for one permit at normal priority, as far as it knows by itself. An estimate: others ask too.</summary>
/// <param name="Reason">Why it would be refused; <see cref="RefusalReason.None"/> if it would be served or may wait.</param>
/// <param name="Room">Permits that are free; null before the ledger has said anything.</param>
/// <param name="Places">Places that are free in the queue; 0 where nobody waits by policy.</param>
/// <param name="Occupancy">How full the backend was when the ledger last said so.</param>
/// <param name="Age">How long ago that was; null for never.</param>
public readonly record struct PoolReadiness(RefusalReason Reason, int? Room, int Places, Occupancy Occupancy, TimeSpan? Age)
{
    /// <summary>It would be served, or may wait.</summary>
    public bool IsReady => Reason == RefusalReason.None;
}
