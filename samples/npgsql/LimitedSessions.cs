using System.Threading.RateLimiting;
using Npgsql;

namespace NpgsqlSample;

/// <summary>Sessions at a PostgreSQL server, each with a permit.</summary>
/// <remarks>
/// PostgreSQL ends a session some time after its client has closed it, and counts it until then. So the permit is given back when the server has forgotten the session, which one session that stays, with a permit of its own, finds out.
/// Who does not need to be exact to the last one gives the limit a reserve of some sessions instead, and gives the permit back at once.
/// </remarks>
internal sealed class LimitedSessions : IAsyncDisposable
{
    private readonly RateLimiter _limiter;
    private readonly string _database;
    private readonly RateLimitLease _ownPermit;
    private readonly NpgsqlConnection _watch;
    private readonly SemaphoreSlim _watching = new(1);

    private LimitedSessions(RateLimiter limiter, string database, RateLimitLease ownPermit, NpgsqlConnection watch) =>
        (_limiter, _database, _ownPermit, _watch) = (limiter, database, ownPermit, watch);

    public static async Task<LimitedSessions> StartAsync(RateLimiter limiter, string database)
    {
        // A pool would keep sessions open whose permits have gone elsewhere.
        database = new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString;
        var permit = await PermitAsync(limiter);
        var watch = new NpgsqlConnection(database);
        await watch.OpenAsync();
        return new LimitedSessions(limiter, database, permit, watch);
    }

    /// <summary>Opens a session as soon as there is a permit, and gives both back.</summary>
    public async Task UseAsync(Func<NpgsqlConnection, Task> use)
    {
        using var permit = await PermitAsync(_limiter);
        int process;
        await using (var session = new NpgsqlConnection(_database))
        {
            await session.OpenAsync();
            process = session.ProcessID;
            await use(session);
        }

        await UntilEndedAsync(process);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        _ownPermit.Dispose();
        _watching.Dispose();
    }

    private static async Task<RateLimitLease> PermitAsync(RateLimiter limiter)
    {
        var permit = await limiter.AcquireAsync();
        if (permit.IsAcquired)
        {
            return permit;
        }

        _ = permit.TryGetMetadata(MetadataName.ReasonPhrase, out var reason);
        throw new TimeoutException($"No session is free: {reason}.");
    }

    private async Task UntilEndedAsync(int process)
    {
        for (var counted = true; counted;)
        {
            await _watching.WaitAsync();
            try
            {
                await using var query = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", _watch) { Parameters = { new() { Value = process } } };
                counted = (bool)(await query.ExecuteScalarAsync())!;
            }
            finally
            {
                _watching.Release();
            }
        }
    }
}
