using Admission.Jobs.Storage;
using Admission.Jobs.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Admission.Jobs.Tests.Support;

/// <summary>Where one test's jobs are.</summary>
internal abstract class JobStores : IAsyncDisposable
{
    private readonly List<IJobStore> _open = [];

    /// <summary>Counts what the stores do that are opened from then on; null for nobody.</summary>
    public JobMetrics? Metrics { get; set; }

    /// <summary>Opens the jobs as one more gateway; with SQLite the one before it must have been closed.</summary>
    public async Task<IJobStore> OpenAsync()
    {
        var store = new SqlJobStore(CreateDatabase(), Time, NullLogger<SqlJobStore>.Instance, Metrics);
        await store.OpenAsync(CancellationToken.None);
        _open.Add(store);
        return store;
    }

    public async Task CloseAsync(IJobStore store)
    {
        _open.Remove(store);
        await store.DisposeAsync();
    }

    /// <summary>Time goes by for the store.</summary>
    public abstract Task PassAsync(TimeSpan time);

    /// <summary>So long that the store counts again what it has; nothing else goes by.</summary>
    public Task RecountAsync()
    {
        Time.AdvanceClock(TimeSpan.FromMinutes(5));
        return Task.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _open)
        {
            await store.DisposeAsync();
        }
    }

    protected ShiftedTime Time { get; } = new();

    protected abstract JobDatabase CreateDatabase();
}

/// <summary>In a file.</summary>
internal sealed class SqliteStores : JobStores
{
    private readonly TemporaryFolder _folder = new();

    public override Task PassAsync(TimeSpan time)
    {
        SetClock(time);
        Time.AdvanceClock(time);
        return Task.CompletedTask;
    }

    /// <summary>Somebody sets the time of day.</summary>
    public void SetClock(TimeSpan by) => Time.Advance(by);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The closed file loses its table.</summary>
    public void Spoil() => Execute("DROP TABLE admission_job");

    /// <summary>The closed file becomes one of the version before.</summary>
    public void MakeVersion1() => Execute("ALTER TABLE admission_job DROP COLUMN unsent_fence; PRAGMA user_version=1");

    protected override JobDatabase CreateDatabase() => new SqliteJobDatabase(_folder.Path, Time);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder[SqliteJobDatabase.FileName], Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

/// <summary>In PostgreSQL, by a service of the test's own. The database's clock cannot be put forward, so what is stored is put back.</summary>
internal sealed class PostgresStores(string connectionString) : JobStores
{
    private readonly string _service = Guid.NewGuid().ToString("N");

    public override async Task PassAsync(TimeSpan time)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(
            "UPDATE admission_job SET accepted_at = accepted_at - @by, due_at = due_at - @by, expires_at = expires_at - @by, "
            + "claimed_until = claimed_until - @by, callback_at = callback_at - @by, finished_at = finished_at - @by WHERE service_id = @service");
        command.Parameters.AddWithValue("by", (long)time.TotalMilliseconds);
        command.Parameters.AddWithValue("service", _service);
        await command.ExecuteNonQueryAsync();
    }

    protected override JobDatabase CreateDatabase() => new PostgresJobDatabase(connectionString, _service, TimeProvider.System);
}

/// <summary>One PostgreSQL server for a class of tests, with the product's schema.</summary>
public sealed class Postgres : IAsyncLifetime
{
    private PostgresServer? _server;

    public string? ConnectionString { get; private set; }

    public async Task InitializeAsync()
    {
        if (PostgresServer.IsInstalled)
        {
            _server = await PostgresServer.StartAsync();
            ConnectionString = await _server.CreateDatabaseAsync(PostgresServer.Schema);
        }
    }

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? default);
}
