using System.Data;
using System.Text;
using Admission.Jobs.Running;
using Admission.Jobs.Telemetry;
using Dapper;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Storage;

/// <summary>The jobs in a database.</summary>
/// <remarks>What is stored and what is recorded goes through the <see cref="JobWriter"/>; the rest are transactions of their own.</remarks>
internal sealed partial class SqlJobStore : IJobStore
{
    private readonly JobDatabase _database;
    private readonly JobSql _sql;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JobWriter _writer;
    private readonly StoredLoad _load;
    private readonly ReadGate _reads;
    private readonly ReadGate _keys;
    private readonly JobMetrics? _metrics;
    private readonly CancellationTokenSource _closed = new();
    private Task _listening = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Creates the store; <see cref="OpenAsync"/> makes it ready.</summary>
    public SqlJobStore(JobDatabase database, TimeProvider time, ILogger<SqlJobStore> logger, JobMetrics? metrics = null)
    {
        _database = database;
        _sql = new JobSql(database);
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _load = new StoredLoad(time, CountAsync);
        _reads = new ReadGate(database.Readers, time);
        _keys = new ReadGate(database.KeyReaders, time);
        _writer = new JobWriter(CommitAsync);
    }

    /// <inheritdoc/>
    public JobSignals Signals { get; } = new();

    private string Service => _database.ServiceId;

    /// <inheritdoc/>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        await _database.OpenAsync(cancellation);
        if (_database is PostgresJobDatabase postgres)
        {
            _listening = new PostgresListener(postgres, Signals, _time, _logger).RunAsync(_closed.Token);
        }
        else
        {
            await QueueOrphansAsync(cancellation);
        }

        BeginMeasuring();
    }

    /// <inheritdoc/>
    public async Task<Acceptance> AcceptAsync(NewJob job, CancellationToken cancellation)
    {
        var change = new AcceptChange(job);
        await _writer.AddAsync(change, cancellation);

        // From here on it may be stored, whoever waits for it.
        return await change.Done;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<(JobClaim Claim, TimeSpan Ttl)> claims, CancellationToken cancellation) =>
        RenewCoreAsync([.. claims.Select(each => new JobStatement(
            _sql.Renew, ("ttl", Milliseconds(each.Ttl)), ("id", each.Claim.Id), ("fence", each.Claim.Fence)))], cancellation);

    /// <inheritdoc/>
    public async Task<bool> MarkAsync(JobClaim claim, bool sent, TimeSpan ttl, CancellationToken cancellation)
    {
        var change = new MarkChange(claim, sent, ttl);
        await _writer.AddAsync(change, cancellation);
        return await change.Done;
    }

    /// <inheritdoc/>
    public async Task<bool> FinishAsync(JobClaim claim, JobEnd end, CancellationToken cancellation)
    {
        var change = new FinishChange(claim, end);
        await _writer.AddAsync(change, cancellation);
        return await change.Done;
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(string id, TimeSpan keep, CancellationToken cancellation)
    {
        var backend = await _database.ChangeAsync(
            (connection, transaction, token) => connection.QuerySingleOrDefaultAsync<string>(
                Command(_sql.Cancel, new { id, keep = Milliseconds(keep), service = Service }, transaction, token)),
            cancellation);
        if (backend is not null)
        {
            _metrics?.Cancelled(backend);
            await TellAsync(new JobNews([], [id]), cancellation);
        }

        return backend is not null;
    }

    /// <inheritdoc/>
    public async Task<bool> RetryAsync(string id, TimeSpan ttl, CancellationToken cancellation)
    {
        var backend = await _database.ChangeAsync(
            (connection, transaction, token) => connection.QuerySingleOrDefaultAsync<string>(
                Command(_sql.Retry, new { id, ttl = Milliseconds(ttl), service = Service }, transaction, token)),
            cancellation);
        if (backend is not null)
        {
            await TellAsync(new JobNews([backend], [id]), cancellation);
        }

        return backend is not null;
    }

    /// <inheritdoc/>
    public async Task TendAsync(CancellationToken cancellation)
    {
        var backends = new HashSet<string>(StringComparer.Ordinal);
        var expired = await _database.ChangeAsync(
            async (connection, transaction, token) =>
            {
                backends.UnionWith(await connection.QueryAsync<string>(Command(_sql.QueueDue, new { service = Service }, transaction, token)));
                var lapsed = (await connection.QueryAsync<string>(Command(_sql.QueueLapsed, new { line = LostLine(), added = Bytes(LostLine()), service = Service }, transaction, token))).AsList();
                backends.UnionWith(lapsed);
                if (lapsed.Count > 0)
                {
                    LogLapsed(lapsed.Count);
                }

                return (await connection.QueryAsync<(string Id, string Backend)>(Command(_sql.Expire, Expiry(), transaction, token))).AsList();
            },
            cancellation);
        for (var deleted = JobSql.MostDeleted; deleted == JobSql.MostDeleted;)
        {
            deleted = (await _database.ExecuteAsync([new JobStatement(_sql.Delete, ("patience", Milliseconds(JobCallback.Patience)), ("service", Service))], JobNews.None, cancellation))[0];
        }

        expired.ForEach(job => _metrics?.Expired(job.Backend));
        if (backends.Count + expired.Count > 0)
        {
            await TellAsync(new JobNews(backends, [.. expired.Select(job => job.Id)]), cancellation);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobCallback>> ClaimCallbacksAsync(int most, TimeSpan ttl, IReadOnlyCollection<string> busy, CancellationToken cancellation)
    {
        var parameters = new DynamicParameters(new { service = Service, most, ttl = Milliseconds(ttl) });
        foreach (var (i, address) in busy.Index())
        {
            parameters.Add($"busy{i}", address);
        }

        return _database.ChangeAsync<IReadOnlyList<JobCallback>>(
            async (connection, transaction, token) =>
                [.. await connection.QueryAsync<JobCallback>(Command(_sql.ClaimCallbacks(busy.Count), parameters, transaction, token))],
            cancellation);
    }

    /// <inheritdoc/>
    public Task EndCallbackAsync(JobCallback callback, TimeSpan? again, CancellationToken cancellation) => _database.ExecuteAsync(
        [
            again is { } pause
                ? new JobStatement(_sql.PostponeCallback, ("again", Milliseconds(pause)), ("id", callback.Id), ("tries", callback.Tries))
                : new JobStatement(_sql.EndCallback, ("keep", Milliseconds(JobCallback.KeptAfter)), ("id", callback.Id), ("tries", callback.Tries)),
        ],
        JobNews.None,
        cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _writer.DisposeAsync();
        await (_census?.StopAsync() ?? Task.CompletedTask);
        await _closed.CancelAsync();
        await _listening;
        await _database.DisposeAsync();
        _closed.Dispose();
    }

    private async Task<IReadOnlyList<bool>> RenewCoreAsync(IReadOnlyList<JobStatement> statements, CancellationToken cancellation) =>
        statements.Count == 0 ? [] : [.. (await _database.ExecuteAsync(statements, JobNews.None, cancellation)).Select(changed => changed > 0)];

    private async Task TellAsync(JobNews news, CancellationToken cancellation)
    {
        news.Raise(Signals);
        await _database.PublishAsync(news, cancellation);
    }

    // What was taken is given back when it fails: otherwise the next try finds the file in use, by itself.
    private async Task QueueOrphansAsync(CancellationToken cancellation)
    {
        try
        {
            var line = LostLine();
            var orphans = await _database.ExecuteAsync(
                [new JobStatement(_sql.QueueOrphans, ("line", line), ("added", Bytes(line)), ("service", Service))], JobNews.None, cancellation);
            if (orphans[0] > 0)
            {
                LogOrphans(orphans[0]);
            }
        }
        catch
        {
            await _database.CloseAsync();
            throw;
        }
    }

    private object Expiry()
    {
        var line = new JobAttempt(_time.GetUtcNow(), _time.GetUtcNow(), null, JobReasons.Expired).ToLine();
        var (headers, body) = (JobReasons.ExpiredResult.HeadersToBytes(), JobReasons.ExpiredResult.Body);
        return new { line, headers, body, added = Bytes(line) + headers.Length + body.Length, keep = Milliseconds(JobReasons.KeepExpired), service = Service };
    }

    private static long Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    private string LostLine() => new JobAttempt(_time.GetUtcNow(), _time.GetUtcNow(), null, JobReasons.GatewayLost).ToLine();

    private static long Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);

    private static CommandDefinition Command(string sql, object parameters, IDbTransaction? transaction, CancellationToken cancellation) =>
        new(sql, parameters, transaction, cancellationToken: cancellation);

    [LoggerMessage(4201, LogLevel.Information, "{Count} jobs were running when the gateway ended last; they are queued again.")]
    private partial void LogOrphans(int count);

    [LoggerMessage(4202, LogLevel.Warning, "The claims of {Count} jobs have run out, because their gateway is gone or could not renew them; they are queued again.")]
    private partial void LogLapsed(int count);
}
