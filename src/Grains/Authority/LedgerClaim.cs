namespace Admission.Grains.Authority;

/// <summary>An epoch that an activation has claimed.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Epoch">The epoch.</param>
public readonly record struct LedgerClaim(string Backend, long Epoch);
