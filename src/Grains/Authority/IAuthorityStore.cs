namespace Admission.Grains.Authority;

/// <summary>
/// The highest epoch claimed for each backend, in a store that all silos share and that keeps what it has confirmed. Both methods bound their wait, and throw when the
/// store cannot be reached in time; the statement may have been executed then.
/// </summary>
public interface IAuthorityStore
{
    /// <summary>Claims an epoch above every one that was claimed, and above the recorded one.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="recorded">The epoch in the backend's record, as the claimer has read it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The epoch. Nobody else gets it.</returns>
    Task<long> ClaimAsync(string backend, long recorded, CancellationToken cancellationToken);

    /// <summary>Asks, for all ledgers of a silo in one statement, whose epoch is still the highest claimed, and notes that this silo was here.</summary>
    /// <param name="ledgers">The silo's ledgers; there may be none.</param>
    /// <param name="authorityTtl">How long the silo may use the answer, counted from before the question; for people who look into the store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Those that are.</returns>
    Task<IReadOnlySet<LedgerClaim>> RenewAsync(IReadOnlyCollection<LedgerClaim> ledgers, TimeSpan authorityTtl, CancellationToken cancellationToken);
}
