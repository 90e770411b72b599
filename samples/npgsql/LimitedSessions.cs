using System.Threading.RateLimiting;
using Admission.Client.RateLimiting;
using Npgsql;

namespace NpgsqlSample;

/// <summary>Sessions at a PostgreSQL server, each with a permit.</summary>
/// <remarks>
/// <para>
/// PostgreSQL ends a session some time after its client has closed it, and counts it until then. So the permit is given back when the server has forgotten the session, which a <see cref="SessionWatch"/> finds out.
/// Who does not need to be exact to the last one gives the limit a reserve of some sessions instead, and gives the permit back at once.
/// </para>
/// <para>
/// When the process's lease on permits is lost, because it was stopped or cut off from the cluster for too long, its permits are somebody else's: what uses a session is cancelled, and the session is closed.
/// </para>
/// </remarks>
internal sealed class LimitedSessions(RateLimiter limiter, string database) : IAsyncDisposable
{
    // A pool would keep sessions open whose permits have gone elsewhere.
    private readonly string _database = new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString;
    private readonly SemaphoreSlim _starting = new(1);
    private SessionWatch? _watch;

    /// <summary>Opens a session as soon as there is a permit, and gives both back, whatever happens.</summary>
    /// <param name="use">Uses the session, and passes its token on to all that it asks of the database: it is cancelled when the caller leaves, and when the lease is lost.</param>
    /// <param name="cancellation">The caller leaves.</param>
    /// <exception cref="TimeoutException">No permit was free in time.</exception>
    /// <exception cref="LeaseLostException">The lease was lost, and the session was ended.</exception>
    public async Task UseAsync(Func<NpgsqlConnection, CancellationToken, Task> use, CancellationToken cancellation = default)
    {
        // Before the session's own permit: if everybody first took the one and then waited for the other, nobody would get both.
        var watch = await WatchAsync(cancellation);
        using var permit = await PermitAsync(cancellation);
        _ = permit.TryGetMetadata(AdmissionMetadata.LeaseLost, out var lost);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lost);
        var process = SessionWatch.NotKnown;
        try
        {
            await using var session = new NpgsqlConnection(_database);
            await session.OpenAsync(either.Token);
            process = session.ProcessID;
            await use(session, either.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or NpgsqlException && lost.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new LeaseLostException("The lease on permits for sessions was lost, and the session was ended.", failure);
        }
        finally
        {
            // A caller who has left does not end this: the permit is given back only after it.
            await watch.UntilEndedAsync(process, lost);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            await _watch.DisposeAsync();
        }

        _starting.Dispose();
    }

    private async Task<RateLimitLease> PermitAsync(CancellationToken cancellation)
    {
        var permit = await limiter.AcquireAsync(1, cancellation);
        if (permit.IsAcquired)
        {
            return permit;
        }

        _ = permit.TryGetMetadata(MetadataName.ReasonPhrase, out var reason);
        throw new TimeoutException($"No session is free: {reason}.");
    }

    /// <summary>The watch; another one after its lease or its session was lost.</summary>
    private async Task<SessionWatch> WatchAsync(CancellationToken cancellation)
    {
        await _starting.WaitAsync(cancellation);
        try
        {
            if (_watch is { IsWatching: false } dead)
            {
                _watch = null;
                await dead.DisposeAsync();
            }

            return _watch ??= await SessionWatch.StartAsync(await PermitAsync(cancellation), _database, cancellation);
        }
        finally
        {
            _starting.Release();
        }
    }
}
