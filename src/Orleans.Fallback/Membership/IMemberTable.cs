using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>The table of silos that a cluster shares. Every method fails with some exception, within a bound, when the table cannot be reached.</summary>
internal interface IMemberTable
{
    /// <summary>Makes sure that the cluster has a version, so that rows can be written.</summary>
    Task InitializeAsync(CancellationToken cancellation);

    /// <summary>Reads the version and all rows, at one moment.</summary>
    Task<TableSnapshot> ReadAsync(CancellationToken cancellation);

    /// <summary>Adds a row, if the version is still the given one; the version grows.</summary>
    /// <returns>False if it was not, or if there is a row of that run.</returns>
    Task<bool> InsertAsync(MemberRow row, int version, CancellationToken cancellation);

    /// <summary>Replaces status, votes and heartbeat of a row, if the version is still the given one; the version grows.</summary>
    /// <returns>False if it was not, or there is no row of that run.</returns>
    Task<bool> UpdateAsync(MemberRow row, int version, CancellationToken cancellation);

    /// <summary>Writes a heartbeat; the version stays.</summary>
    Task WriteAliveAsync(SiloAddress silo, DateTime moment, CancellationToken cancellation);

    /// <summary>Removes the rows of dead silos whose last heartbeat is older.</summary>
    Task RemoveDeadAsync(DateTime before, CancellationToken cancellation);
}
