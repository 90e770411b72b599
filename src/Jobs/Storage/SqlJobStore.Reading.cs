using System.Data.Common;
using Dapper;

namespace Admission.Jobs.Storage;

/// <content>What clients look up. Anybody may ask, so all of it goes through a <see cref="ReadGate"/>; the keys of requests that are to be served have one of their own.</content>
internal sealed partial class SqlJobStore
{
    /// <inheritdoc/>
    public Task<(string Id, byte[] Fingerprint)?> FindKeyAsync(string backend, string tenant, string key, CancellationToken cancellation) =>
        _keys.EnterAsync(token => _database.ReadKeyAsync((connection, other) => FindKeyAsync(connection, backend, tenant, key, other), token), cancellation);

    /// <inheritdoc/>
    public Task<JobRecord?> FindAsync(string id, CancellationToken cancellation) => LookUpAsync(
        (connection, token) => connection.QuerySingleOrDefaultAsync<JobRecord>(Command(_sql.Find, new { id, service = Service }, null, token)), cancellation);

    /// <inheritdoc/>
    public async Task<JobResult?> ResultAsync(string id, CancellationToken cancellation)
    {
        var row = await LookUpAsync(
            (connection, token) => connection.QuerySingleOrDefaultAsync<ResultRow>(Command(_sql.Result, new { id, service = Service }, null, token)), cancellation);
        return row is null ? null : new JobResult(row.Status, JobResult.ParseHeaders(row.Headers), row.Body);
    }

    /// <inheritdoc/>
    public Task<JobPlace> PlaceAsync(JobRecord job, CancellationToken cancellation) => LookUpAsync(
        async (connection, token) =>
        {
            var parameters = new { service = Service, backend = job.Backend, tenant = job.Tenant, seq = job.Seq };
            var own = await connection.ExecuteScalarAsync<long>(Command(_sql.AheadOfTenant, parameters, null, token));
            var others = await connection.ExecuteScalarAsync<long>(
                Command(_sql.Ahead, new { service = Service, backend = job.Backend, tenant = job.Tenant, turns = own + 1 }, null, token));
            return new JobPlace(own + others, await connection.ExecuteScalarAsync<long>(Command(_sql.FinishedLately, parameters, null, token)));
        },
        cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobRecord>> ListAsync(JobFilter filter, CancellationToken cancellation) => LookUpAsync<IReadOnlyList<JobRecord>>(
        async (connection, token) =>
        {
            var parameters = new
            {
                service = Service, backend = filter.Backend, state = (int?)filter.State, tenant = filter.Tenant, before = filter.Before, most = filter.Most,
            };
            return [.. await connection.QueryAsync<JobRecord>(Command(_sql.List(filter), parameters, null, token))];
        },
        cancellation);

    private Task<T> LookUpAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) =>
        _reads.EnterAsync(token => _database.ReadAsync(ask, token), cancellation);

    private async Task<(string Id, byte[] Fingerprint)?> FindKeyAsync(DbConnection connection, string backend, string tenant, string key, CancellationToken cancellation) =>
        await connection.QuerySingleOrDefaultAsync<KeyRow>(Command(_sql.FindKey, new { service = Service, backend, tenant, key }, null, cancellation)) is { } found
            ? (found.Id, found.Fingerprint) : null;

    private Task<StoredCount> CountAsync(string backend, CancellationToken cancellation) => _database.ReadOwnAsync(
        (connection, token) => connection.QuerySingleAsync<StoredCount>(Command(_sql.Load, new { service = Service, backend }, null, token)), cancellation);

    private sealed class KeyRow
    {
        public string Id { get; init; } = "";

        public byte[] Fingerprint { get; init; } = [];
    }

    private sealed class ResultRow
    {
        public int Status { get; init; }

        public byte[] Headers { get; init; } = [];

        public byte[] Body { get; init; } = [];
    }
}
