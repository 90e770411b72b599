namespace Admission.Capacity;

/// <summary>What a pool has counted since it was made, over all its lives. Each number only grows.</summary>
/// <param name="AdmittedAtOnce">Requests that found a permit in memory.</param>
/// <param name="AdmittedAfterWait">Requests that got a permit after a wait for the ledger or for somebody's permit.</param>
/// <param name="GivenUp">Requests whose client left while they waited.</param>
/// <param name="Refused">Requests that were refused, by reason; reasons that never were are left out.</param>
/// <param name="Recalls">Messages by which the ledger began to ask for idle permits.</param>
/// <param name="LeasesLost">Leases that ended while the pool held permits: they ran out, or the ledger had given the life up.</param>
/// <param name="Detached">Time in which the ledger did not answer, or not with grants; counted while the pool asked for it.</param>
public sealed record PoolTotals(
    long AdmittedAtOnce, long AdmittedAfterWait, long GivenUp, IReadOnlyList<RefusalTotal> Refused, long Recalls, long LeasesLost, TimeSpan Detached);

/// <summary>Requests that one rule has refused.</summary>
/// <param name="Reason">The rule; None for those that only a later version knows.</param>
/// <param name="Count">The requests.</param>
public readonly record struct RefusalTotal(RefusalReason Reason, long Count);
