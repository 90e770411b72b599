using Admission.Grains.Cluster;
using Dapper;
using Npgsql;

namespace Admission.Silo.Schema;

/// <summary>Brings the database's schema to what this silo knows, before the engine starts.</summary>
/// <remarks>
/// Each file is applied once, in the order of their numbers, and noted in <c>admission_schema</c>. All of it is one transaction under an advisory
/// lock, so several silos can start at once, and a crash leaves nothing half done. A database that is ahead, because newer silos run already, is fine:
/// changes only ever add, so that both versions can work during a rolling upgrade. A file that was changed after it was applied is an error, because then nobody
/// knows what the database has.
/// </remarks>
internal sealed partial class SchemaInstaller(
    IReadOnlyList<SchemaScript> scripts, ClusterDatabase database, PostgresSecretStore secret, ILogger<SchemaInstaller> logger) : IClusterPreparation
{
    // Any number does, if nobody else in the database uses it: "admission" on a telephone's keys.
    private const long AdvisoryLock = 236_477_466;

    private const string Exists = "SELECT to_regclass('admission_schema') IS NOT NULL";

    // Only where it is missing: a silo whose user may not create tables can use a database that somebody else has prepared.
    private const string Create =
        """
        CREATE TABLE admission_schema
        (
            version    integer      NOT NULL PRIMARY KEY,
            name       varchar(100) NOT NULL,
            checksum   varchar(64)  NOT NULL,
            applied_at timestamptz  NOT NULL DEFAULT now()
        )
        """;

    private const string Select = "SELECT version, name, checksum FROM admission_schema ORDER BY version";

    private const string Insert = "INSERT INTO admission_schema (version, name, checksum) VALUES (@Version, @Name, @Checksum)";

    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        try
        {
            await InstallAsync(cancellation);
            await secret.CreateAsync(cancellation);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new ClusterStartException(
                $"The user '{database.User}' may not set the database '{database.Name}' up ({refused.MessageText}). "
                + $"GRANT CREATE ON SCHEMA public TO \"{database.User}\", or start a silo once with a user who may; after that this one can read and write.", refused);
        }
        catch (PostgresException taken) when (taken.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateFunction)
        {
            throw new ClusterStartException(
                $"The database '{database.Name}' has tables of the same names that Admission has not made ({taken.MessageText}). Give Admission a database of its own.", taken);
        }
    }

    private async Task InstallAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(Command("SELECT pg_advisory_xact_lock(@AdvisoryLock)", new { AdvisoryLock }));
        if (!await connection.ExecuteScalarAsync<bool>(Command(Exists)))
        {
            await connection.ExecuteAsync(Command(Create));
        }

        var applied = (await connection.QueryAsync<AppliedScript>(Command(Select))).ToDictionary(script => script.Version);
        foreach (var script in scripts)
        {
            if (!applied.Remove(script.Version, out var known))
            {
                await ApplyAsync(connection, script);
                await connection.ExecuteAsync(Command(Insert, new { script.Version, script.Name, script.Checksum }));
                LogApplied(script.Name, database.Name);
            }
            else if (!string.Equals(known.Checksum, script.Checksum, StringComparison.Ordinal))
            {
                throw new ClusterStartException(
                    $"The database '{database.Name}' has '{known.Name}' in another form than this silo's '{script.Name}'. "
                    + "A file that has been applied never changes: use the silo that the database was set up with, or put the change into a new file.");
            }
        }

        if (applied.Count > 0)
        {
            LogNewer(database.Name, string.Join(", ", applied.Values.Select(script => script.Name)));
        }

        await transaction.CommitAsync(cancellation);

        CommandDefinition Command(string sql, object? parameters = null) => new(sql, parameters, transaction, cancellationToken: cancellation);

        async Task ApplyAsync(NpgsqlConnection connection, SchemaScript script)
        {
            // Not through Dapper, which takes the statements' own @names for parameters.
            await using var command = new NpgsqlCommand(script.Text, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    [LoggerMessage(4010, LogLevel.Information, "Applied {Script} to the database '{Database}'.")]
    private partial void LogApplied(string script, string database);

    [LoggerMessage(4011, LogLevel.Information, "The database '{Database}' is newer than this silo: it has {Scripts} too. That is as it should be during an upgrade.")]
    private partial void LogNewer(string database, string scripts);
}
