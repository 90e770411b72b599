using Admission.Grains.Cluster;
using Npgsql;

namespace Admission.Silo.Tests;

/// <summary>One PostgreSQL server for a class of tests, with an empty database for each test.</summary>
public sealed class Postgres : IAsyncLifetime
{
    private readonly List<Database> _databases = [];
    private PostgresServer? _server;
    private int _count;

    public async Task InitializeAsync() => _server = PostgresServer.IsInstalled ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.Connections.DisposeAsync();
        }

        await (_server?.DisposeAsync() ?? default);
    }

    internal async Task<Database> CreateAsync()
    {
        Skip.If(_server is null, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        var name = $"schema{++_count}";
        await using var source = NpgsqlDataSource.Create(_server.ConnectionString());
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return Keep(new Database(_server.ConnectionString(name), Keep));
    }

    private Database Keep(Database database)
    {
        _databases.Add(database);
        return database;
    }

    /// <summary>A database, as one user sees it.</summary>
    internal sealed class Database(string connectionString, Func<Database, Database> keep)
    {
        public ClusterSettings Settings { get; } = new() { ConnectionString = connectionString };

        public ClusterDatabase Connections => field ??= new ClusterDatabase(Settings);

        public Database As(string user) => keep(new Database(new NpgsqlConnectionStringBuilder(connectionString) { Username = user }.ConnectionString, keep));
    }
}
