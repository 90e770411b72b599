using Admission.Statements;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Admission.Grains.Authority;

/// <summary>The claims in PostgreSQL; the tables are in <c>src/Silo/Sql/004_admission_authority.sql</c>.</summary>
/// <remarks>
/// Each method is one statement, and so one transaction. The database must keep what it has confirmed: with <c>synchronous_commit</c> off, or a failover to a standby
/// that lags behind, a claim could be forgotten, and its epoch's predecessor be renewed.
/// </remarks>
internal sealed class PostgresAuthorityStore(NpgsqlDataSource database, IOptions<PostgresAuthorityOptions> options, TimeProvider time) : IAuthorityStore
{
    private const string Claim = """
        INSERT INTO admission_epoch AS claim (service_id, backend, epoch, silo)
        VALUES (@ServiceId, @backend, @recorded + 1, @Silo)
        ON CONFLICT (service_id, backend) DO UPDATE
        SET epoch = GREATEST(claim.epoch, @recorded) + 1, silo = excluded.silo, claimed_at = now()
        RETURNING epoch
        """;

    // The row of this silo is for people. Rows of silos that are long gone go with it, a bounded number each time, and never one that another silo is at.
    private const string Renew = """
        WITH here AS (
            INSERT INTO admission_silo (service_id, silo, authority_ms, ledgers)
            VALUES (@ServiceId, @Silo, @authority, @ledgers)
            ON CONFLICT (service_id, silo) DO UPDATE
            SET renewed_at = now(), authority_ms = excluded.authority_ms, ledgers = excluded.ledgers
        ), gone AS (
            DELETE FROM admission_silo WHERE (service_id, silo) IN (
                SELECT service_id, silo FROM admission_silo
                WHERE renewed_at < now() - interval '1 hour' AND NOT (service_id = @ServiceId AND silo = @Silo)
                LIMIT 100 FOR UPDATE SKIP LOCKED)
        )
        SELECT claim.backend, claim.epoch
        FROM unnest(@backends, @epochs) AS asked (backend, epoch)
        JOIN admission_epoch AS claim ON claim.service_id = @ServiceId AND claim.backend = asked.backend AND claim.epoch = asked.epoch
        """;

    private readonly PostgresAuthorityOptions _options = options.Value;

    public Task<long> ClaimAsync(string backend, long recorded, CancellationToken cancellationToken) =>
        WithinAsync(
            (connection, token) => connection.QuerySingleAsync<long>(
                new CommandDefinition(Claim, new { _options.ServiceId, _options.Silo, backend, recorded }, cancellationToken: token)),
            cancellationToken);

    public Task<IReadOnlySet<LedgerClaim>> RenewAsync(IReadOnlyCollection<LedgerClaim> ledgers, TimeSpan authorityTtl, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            _options.ServiceId,
            _options.Silo,
            authority = (long)authorityTtl.TotalMilliseconds,
            ledgers = ledgers.Count,
            backends = ledgers.Select(ledger => ledger.Backend).ToArray(),
            epochs = ledgers.Select(ledger => ledger.Epoch).ToArray(),
        };
        return WithinAsync<IReadOnlySet<LedgerClaim>>(
            async (connection, token) =>
            {
                var ours = await connection.QueryAsync<(string Backend, long Epoch)>(new CommandDefinition(Renew, parameters, cancellationToken: token));
                return ours.Select(claim => new LedgerClaim(claim.Backend, claim.Epoch)).ToHashSet();
            },
            cancellationToken);
    }

    /// <summary>Bounds the whole, from the wait for a connection to the last row.</summary>
    private Task<T> WithinAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> statement, CancellationToken cancellationToken) => BoundedStatement.RunAsync(
        async token =>
        {
            await using var connection = await database.OpenConnectionAsync(token);
            return await statement(connection, token);
        },
        _options.StatementTimeout,
        time,
        cancellationToken);
}
