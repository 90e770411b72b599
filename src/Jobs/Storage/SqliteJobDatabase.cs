using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Admission.Jobs.Storage;

/// <summary>The jobs in a file, for one process at a time.</summary>
/// <remarks>
/// One connection writes, under <see cref="_turn"/>; others read, which the write-ahead log lets them do meanwhile. <c>synchronous=FULL</c>: a commit returns once the log is on disk.
/// SQLite's calls block, so they run on threads of the pool, one at a time for writing.
/// </remarks>
internal sealed class SqliteJobDatabase : JobDatabase
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "jobs.db";

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly SqliteReaders _readers;
    private FileStream? _lock;
    private SqliteConnection? _writer;

    /// <summary>Creates it; nothing is opened yet.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="time">The clock.</param>
    public SqliteJobDatabase(string folder, TimeProvider time)
    {
        _folder = folder;
        _path = Path.Combine(folder, FileName);
        _time = time;
        _readers = new SqliteReaders(OpenReaderAsync);
    }

    /// <inheritdoc/>
    public override string Now => "now_ms()";

    // Steps of the clock, and the time that a machine was suspended, do not count: what runs here goes on running.
    /// <inheritdoc/>
    public override string ClaimNow => "claim_ms()";

    /// <inheritdoc/>
    public override string ServiceId => "";

    /// <inheritdoc/>
    public override string IsAmongLocked(string select) => $"IN ({select})";

    /// <inheritdoc/>
    public override async Task OpenAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder);
        try
        {
            _lock = new FileStream(Path.Combine(_folder, "jobs.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new IOException($"The jobs in '{_path}' cannot be opened: {taken.Message} Another process may be using them; give each a data folder of its own.", taken);
        }

        try
        {
            await PrepareAsync(cancellation);
            _readers.Reopen();
        }
        catch
        {
            await CloseAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        await _turn.WaitAsync();
        try
        {
            foreach (var command in _prepared.Values)
            {
                await command.DisposeAsync();
            }

            _prepared.Clear();
            await _readers.CloseAsync();
            await (_writer?.DisposeAsync() ?? default);
            await (_lock?.DisposeAsync() ?? default);
            (_writer, _lock) = (null, null);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override int Readers => 4;

    /// <inheritdoc/>
    public override int KeyReaders => 2;

    /// <inheritdoc/>
    public override string Empty => "x''";

    /// <inheritdoc/>
    public override string Bytes(string column) => $"COALESCE(LENGTH(CAST({column} AS BLOB)), 0)";

    /// <inheritdoc/>
    public override Task<T> ReadAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) =>
        Task.Run(() => _readers.UseAsync(connection => ask(connection, cancellation), cancellation), cancellation);

    /// <inheritdoc/>
    public override Task<T> ReadKeyAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => ReadAsync(ask, cancellation);

    /// <inheritdoc/>
    public override Task<T> ReadOwnAsync<T>(Func<DbConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation) => ReadAsync(ask, cancellation);

    /// <inheritdoc/>
    public override async Task<T> ChangeAsync<T>(Func<DbConnection, DbTransaction, CancellationToken, Task<T>> change, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await Task.Run(
                async () =>
                {
                    await using var transaction = Writer.BeginTransaction();
                    var result = await change(Writer, transaction, cancellation);
                    await transaction.CommitAsync(CancellationToken.None);
                    return result;
                },
                cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override Task<int[]> ExecuteAsync(IReadOnlyList<JobStatement> statements, JobNews signals, CancellationToken cancellation) =>
        ChangeAsync(
            (_, transaction, _) =>
            {
                var changed = new int[statements.Count];
                for (var i = 0; i < changed.Length; i++)
                {
                    changed[i] = Execute(statements[i], (SqliteTransaction)transaction);
                }

                return Task.FromResult(changed);
            },
            cancellation);

    /// <inheritdoc/>
    public override Task PublishAsync(JobNews news, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _turn.Dispose();
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        SQLitePCL.Batteries_V2.Init();
        CreateForOwner(_path);
        _writer = Connect(SqliteOpenMode.ReadWriteCreate);
        await _writer.OpenAsync(cancellation);
        Teach(_writer);
        Run(_writer, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA wal_autocheckpoint=4000;");
        var version = (long)Scalar(_writer, "PRAGMA user_version")!;
        if (version > SqliteSchema.Version)
        {
            throw new InvalidDataException(
                $"The jobs in '{_path}' are of version {version}, and this gateway knows {SqliteSchema.Version}. Use the gateway that has written them, or another data folder.");
        }

        if (version < SqliteSchema.Version)
        {
            var steps = version == 0 ? SqliteSchema.Create : string.Concat(SqliteSchema.Upgrades.Skip((int)version - 1));
            await using var transaction = _writer.BeginTransaction();
            Run(_writer, $"{steps} PRAGMA user_version={SqliteSchema.Version};", transaction);
            await transaction.CommitAsync(cancellation);
        }
    }

    // It has what clients sent, credentials too. SQLite gives the files beside it the same mode.
    private static void CreateForOwner(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
    }

    private async Task<SqliteConnection> OpenReaderAsync(CancellationToken cancellation)
    {
        var connection = Connect(SqliteOpenMode.ReadWrite);
        try
        {
            await connection.OpenAsync(cancellation);
            Teach(connection);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private SqliteConnection Writer => _writer ?? throw new InvalidOperationException("The store is not open.");

    // Without Microsoft.Data.Sqlite's pool: the file must be closed when the store is.
    private SqliteConnection Connect(SqliteOpenMode mode) =>
        new(new SqliteConnectionStringBuilder { DataSource = _path, Mode = mode, Pooling = false }.ConnectionString);

    private void Teach(SqliteConnection connection)
    {
        connection.CreateFunction("now_ms", () => _time.GetUtcNow().ToUnixTimeMilliseconds());
        connection.CreateFunction("claim_ms", () => _time.GetTimestamp() / (_time.TimestampFrequency / 1000));
    }

    private int Execute(in JobStatement statement, SqliteTransaction transaction)
    {
        if (!_prepared.TryGetValue(statement.Sql, out var command))
        {
            command = Writer.CreateCommand();
            command.CommandText = statement.Sql;
            foreach (var (name, _) in statement.Parameters)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            }

            _prepared.Add(statement.Sql, command);
        }

        command.Transaction = transaction;
        foreach (var (name, value) in statement.Parameters)
        {
            command.Parameters[name].Value = value ?? DBNull.Value;
        }

        return command.ExecuteNonQuery();
    }

    private static void Run(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
