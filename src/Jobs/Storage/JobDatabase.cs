using System.Data.Common;

namespace Admission.Jobs.Storage;

/// <summary>What SQLite and PostgreSQL do differently. <see cref="SqlJobStore"/> has what they do alike.</summary>
internal abstract class JobDatabase : IAsyncDisposable
{
    /// <summary>The expression for the present, in milliseconds since 1970.</summary>
    public abstract string Now { get; }

    /// <summary>The same by the clock that claims run out by. In a file only this process has claims, and there nobody's setting of the clock makes them run out.</summary>
    public virtual string ClaimNow => Now;

    /// <summary>The condition that a column is among those that a query finds and locks; rows that others have locked are passed over.</summary>
    public abstract string IsAmongLocked(string select);

    /// <summary>Part of a service's cluster; the same for all statements.</summary>
    public abstract string ServiceId { get; }

    /// <summary>No bytes, as a value for a column of bytes.</summary>
    public abstract string Empty { get; }

    /// <summary>How many may <see cref="ReadAsync"/> at once; the caller keeps to it.</summary>
    public abstract int Readers { get; }

    /// <summary>How many may <see cref="ReadKeyAsync"/> at once; the caller keeps to it.</summary>
    public abstract int KeyReaders { get; }

    /// <summary>The expression for how many bytes a column of text or bytes has; 0 for null.</summary>
    public abstract string Bytes(string column);

    /// <summary>Makes the tables, or finds that they are there. What it has taken is given back when it fails.</summary>
    public abstract Task OpenAsync(CancellationToken cancellation);

    /// <summary>Gives back what <see cref="OpenAsync"/> has taken, so that it can be called again.</summary>
    public abstract Task CloseAsync();

    /// <summary>Asks something for a client, on connections that nothing else needs.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation);

    /// <summary>Asks for a client's key before its request is taken, on connections that nobody who only looks something up can fill.</summary>
    public abstract Task<T> ReadKeyAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation);

    /// <summary>Asks something for the store's own work; no client waits in front of it.</summary>
    public abstract Task<T> ReadOwnAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation);

    /// <summary>Changes something and reads what was changed, in a transaction of its own; it is on disk when the task completes.</summary>
    public abstract Task<T> ChangeAsync<T>(Func<DbConnection, DbTransaction, CancellationToken, Task<T>> change, CancellationToken cancellation);

    /// <summary>Carries statements out in one transaction; it is on disk when the task completes.</summary>
    /// <param name="statements">The statements.</param>
    /// <param name="signals">What other processes have to be told with the commit.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How many rows each has changed.</returns>
    public abstract Task<int[]> ExecuteAsync(IReadOnlyList<JobStatement> statements, JobNews signals, CancellationToken cancellation);

    /// <summary>Tells other processes.</summary>
    public abstract Task PublishAsync(JobNews news, CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();
}
