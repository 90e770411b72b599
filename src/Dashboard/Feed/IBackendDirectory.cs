namespace Admission.Dashboard.Feed;

/// <summary>Which backends there are. A host has one: a gateway those of its configuration, a silo those of the cluster's database.</summary>
public interface IBackendDirectory
{
    /// <summary>Lists the backends.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Their ids, each once whatever the letter case.</returns>
    /// <exception cref="Exception">The list cannot be read at present; the last one is shown on, with the message.</exception>
    Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellation);
}
