namespace Admission.Grains.Authority;

/// <summary>What came of a renewal, for one ledger.</summary>
/// <param name="BeganAt">The clock's timestamp before the statement was sent.</param>
/// <param name="StillOurs">Whether the ledger's epoch was still the highest claimed.</param>
public sealed record AuthorityRenewal(long BeganAt, bool StillOurs);
