namespace Admission.Grains.Authority;

/// <summary>Where a capacity grain gets its epoch, and who renews its ledger's authority.</summary>
public interface IEpochAuthority
{
    /// <summary>Whether it renews the authority of the ledgers that are registered. If not, each ledger does, by writing its record.</summary>
    bool Renews { get; }

    /// <summary>Gives the epoch of a new activation, after it has read its record and before it writes it.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="recorded">The epoch in the record.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>An epoch above the recorded one, and above every other that was given.</returns>
    Task<long> NextEpochAsync(string backend, long recorded, CancellationToken cancellationToken);

    /// <summary>Has a ledger's authority renewed from now on.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="epoch">The ledger's epoch, which is in its record by now.</param>
    /// <returns>Where the grain hears of it; dispose it when the ledger is no more.</returns>
    AuthorityRegistration Register(string backend, long epoch);
}
