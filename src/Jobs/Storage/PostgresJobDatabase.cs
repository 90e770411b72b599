using System.Data.Common;
using Admission.Statements;
using Npgsql;

namespace Admission.Jobs.Storage;

/// <summary>The jobs in the cluster's database; the tables are in <c>src/Silo/Sql</c> (006, 007).</summary>
/// <remarks>A commit returns once it is on disk, as long as the server's <c>synchronous_commit</c> is not turned off.</remarks>
internal sealed class PostgresJobDatabase : JobDatabase
{
    /// <summary>The channel of the notifications.</summary>
    public const string Channel = "admission_jobs";

    private const string Notify = $"SELECT pg_notify('{Channel}', @payload)";

    // Every order that is asked for is an index's. Before the first ANALYZE the planner does not know how long the queue is, and would rather read and sort all of it.
    private const string Planner = "SET enable_sort = off";

    /// <summary>Connections of one gateway at most, whoever asks for what: PostgreSQL has 100 for everybody, and the silos' authority must always get one.</summary>
    private const int MostConnections = 20;

    /// <summary>Of those, for what clients look up. The others are for what is stored, claimed, renewed and recorded, which no flood of questions may stand before.</summary>
    private const int MostReaders = 8;

    /// <summary>And for the keys of requests that are to be served.</summary>
    private const int MostKeyReaders = 4;

    /// <summary>How long anything may take that whoever asks does not bound by less.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The listener has one, and the writer, a claim and a renewal need one each.</summary>
    private const int LeastOwn = 4;

    /// <summary>In seconds. A new connection's first statement; nobody can give that a token.</summary>
    private const int LongestPreparation = 30;

    private const int MostAttempts = 3;
    private static readonly TimeSpan AfterDeadlock = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _keyReaders;

    /// <summary>Creates it; nothing is asked yet.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="serviceId">Whose jobs.</param>
    /// <param name="time">The clock.</param>
    public PostgresJobDatabase(string connectionString, string serviceId, TimeProvider time)
    {
        _time = time;
        ServiceId = serviceId;
        var all = Math.Min(new NpgsqlConnectionStringBuilder(connectionString).MaxPoolSize, MostConnections);
        KeyReaders = Math.Clamp((all - LeastOwn) / 4, 1, MostKeyReaders);
        Readers = Math.Clamp(all - LeastOwn - KeyReaders, 1, MostReaders);
        _source = Create(connectionString, Math.Max(all - Readers - KeyReaders, LeastOwn));
        _readers = Create(connectionString, Readers);
        _keyReaders = Create(connectionString, KeyReaders);
    }

    /// <inheritdoc/>
    public override int Readers { get; }

    /// <inheritdoc/>
    public override int KeyReaders { get; }

    /// <inheritdoc/>
    public override string Empty => "'\\x'::bytea";

    /// <inheritdoc/>
    public override string Bytes(string column) => $"COALESCE(OCTET_LENGTH({column}), 0)";

    /// <inheritdoc/>
    public override string ServiceId { get; }

    /// <inheritdoc/>
    public override string Now => "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";

    // An array, because a query with a lock and a limit must run once, whatever the planner makes of it.
    /// <inheritdoc/>
    public override string IsAmongLocked(string select) => $"= ANY(ARRAY({select} FOR UPDATE SKIP LOCKED))";

    /// <summary>A connection of its own, for the listener.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) => await _source.OpenConnectionAsync(cancellation);

    /// <summary>Finds the tables, which the silos make.</summary>
    public override async Task OpenAsync(CancellationToken cancellation)
    {
        try
        {
            _ = await AskAsync(_source, static async (connection, token) =>
            {
                await using var command = new NpgsqlCommand("SELECT unsent_fence FROM admission_job LIMIT 1", (NpgsqlConnection)connection);
                return await command.ExecuteScalarAsync(token);
            }, cancellation);
        }
        catch (PostgresException old) when (old.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new InvalidOperationException($"The database does not have the tables of this version yet ({old.MessageText}). A silo of this version makes them: upgrade the silos first.", old);
        }
    }

    /// <inheritdoc/>
    public override Task CloseAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public override Task<T> ReadAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => AskAsync(_readers, ask, cancellation);

    /// <inheritdoc/>
    public override Task<T> ReadKeyAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => AskAsync(_keyReaders, ask, cancellation);

    /// <inheritdoc/>
    public override Task<T> ReadOwnAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => AskAsync(_source, ask, cancellation);

    /// <inheritdoc/>
    public override Task<T> ChangeAsync<T>(Func<DbConnection, DbTransaction, CancellationToken, Task<T>> change, CancellationToken cancellation) => AgainAfterDeadlockAsync(() => BoundedAsync(async token =>
    {
        await using var connection = await _source.OpenConnectionAsync(token);
        await using var transaction = await connection.BeginTransactionAsync(token);
        var result = await change(connection, transaction, token);
        await transaction.CommitAsync(token);
        return result;
    }, cancellation), cancellation);

    /// <inheritdoc/>
    public override async Task<int[]> ExecuteAsync(IReadOnlyList<JobStatement> statements, JobNews signals, CancellationToken cancellation) =>
        statements.Count == 0 && signals is { Backends.Count: 0, Jobs.Count: 0 } ? [] : await AgainAfterDeadlockAsync(() => BoundedAsync(token => ExecuteOnceAsync(statements, signals, token), cancellation), cancellation);

    // The server ends one of those that wait for each other, and nothing of its transaction is there. It comes again a little later: at once it could take the first row again before the others,
    // who wake up only now, and they would wait for each other once more.
    private async Task<T> AgainAfterDeadlockAsync<T>(Func<Task<T>> transaction, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await transaction();
            }
            catch (PostgresException deadlock) when (deadlock.SqlState == PostgresErrorCodes.DeadlockDetected && attempt < MostAttempts)
            {
                await Task.Delay(AfterDeadlock * attempt, _time, cancellation);
            }
        }
    }

    private async Task<int[]> ExecuteOnceAsync(IReadOnlyList<JobStatement> statements, JobNews signals, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation);

        // One round trip; without a transaction of our own the server makes one of the whole batch.
        await using var batch = new NpgsqlBatch(connection);
        List<NewJob> stored = [.. statements.Where(statement => statement.Stores is not null).Select(statement => statement.Stores!)];
        if (stored.Count > 0)
        {
            batch.BatchCommands.Add(PostgresInsertion.Of(ServiceId, stored));
        }

        foreach (var statement in statements.Where(statement => statement.Stores is null))
        {
            batch.BatchCommands.Add(Command(statement));
        }

        foreach (var payload in signals.ToPayloads(ServiceId))
        {
            batch.BatchCommands.Add(Command(new JobStatement(Notify, ("payload", payload))));
        }

        var inserted = new HashSet<string>(StringComparer.Ordinal);
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            while (stored.Count > 0 && await reader.ReadAsync(cancellation))
            {
                inserted.Add(reader.GetString(0));
            }

            while (await reader.NextResultAsync(cancellation))
            {
                // To the end, so that an error of any statement shows.
            }
        }

        var changed = new int[statements.Count];
        var next = stored.Count > 0 ? 1 : 0;
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] = statements[i].Stores is { } job ? (inserted.Contains(job.Id) ? 1 : 0) : batch.BatchCommands[next++].RecordsAffected;
        }

        return changed;
    }

    /// <inheritdoc/>
    public override async Task PublishAsync(JobNews news, CancellationToken cancellation) => await ExecuteAsync([], news, cancellation);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _readers.DisposeAsync();
        await _keyReaders.DisposeAsync();
    }

    private Task<T> AskAsync<T>(NpgsqlDataSource source, Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => BoundedAsync(async token =>
    {
        await using var connection = await source.OpenConnectionAsync(token);
        return await ask(connection, token);
    }, cancellation);

    private Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> statement, CancellationToken cancellation) => BoundedStatement.RunAsync(statement, Longest, _time, cancellation);

    private static NpgsqlDataSource Create(string connectionString, int connections)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        var settings = builder.ConnectionStringBuilder;
        settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? 40 : settings.MaxAutoPrepare;
        settings.CommandTimeout = 0;
        settings.MaxPoolSize = connections;
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, connections);

        // What is set for a connection must stay set when it comes from the pool again.
        settings.NoResetOnClose = true;
        builder.UsePhysicalConnectionInitializer(static connection => Prepare(connection), static connection => PrepareAsync(connection));
        return builder.Build();
    }

    private static void Prepare(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Planner, connection) { CommandTimeout = LongestPreparation };
        command.ExecuteNonQuery();
    }

    private static async Task PrepareAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Planner, connection) { CommandTimeout = LongestPreparation };
        await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand Command(in JobStatement statement)
    {
        var command = new NpgsqlBatchCommand(statement.Sql);
        foreach (var (name, value) in statement.Parameters)
        {
            command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        }

        return command;
    }
}
