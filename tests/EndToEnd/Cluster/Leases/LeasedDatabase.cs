using Npgsql;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>
/// The PostgreSQL server whose sessions leases are for: another one than the cluster's, so no fault of that meets it. Programs reach it by a socket in the file system, from every network namespace.
/// </summary>
/// <remarks>
/// A program that is stopped cannot close its session. So the database does it: a session that has said nothing for a second ends, before the lease can be anybody else's.
/// What is written is taken only with a token that is no older than the last one: <c>write_fenced</c> writes down both what it takes and what it refuses, one at a time.
/// </remarks>
internal sealed class LeasedDatabase : IAsyncDisposable
{
    private const string SessionMark = "user=leased ";

    private const string Schema =
        """
        CREATE ROLE leased LOGIN;
        ALTER ROLE leased SET idle_session_timeout = '1s';
        CREATE ROLE writer LOGIN;
        CREATE TABLE resource (number bigint NOT NULL);
        INSERT INTO resource VALUES (0);
        CREATE TABLE writes (
          place bigint GENERATED ALWAYS AS IDENTITY, at double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp()),
          number bigint NOT NULL, holder text NOT NULL, lease text NOT NULL, accepted boolean NOT NULL);
        CREATE FUNCTION write_fenced(wanted bigint, holder text, lease text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
        DECLARE
          highest bigint;
        BEGIN
          SELECT number INTO highest FROM resource FOR UPDATE;
          UPDATE resource SET number = wanted WHERE wanted > highest;
          INSERT INTO writes (number, holder, lease, accepted) VALUES (wanted, holder, lease, wanted >= highest);
          RETURN wanted >= highest;
        END $$;
        """;

    private readonly TemporaryFolder _sockets;
    private readonly PostgresServer _server;

    private LeasedDatabase(TemporaryFolder sockets, PostgresServer server) => (_sockets, _server) = (sockets, server);

    /// <summary>The folder with its socket.</summary>
    public string Sockets => _sockets.Path;

    public int Port => _server.Port;

    public static async Task<LeasedDatabase> StartAsync()
    {
        var sockets = new TemporaryFolder();
        PostgresServer? server = null;
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(sockets.Path, File.GetUnixFileMode(sockets.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
            }

            // A program that is stopped between connecting and saying who it is would keep its place as well.
            var settings = new Dictionary<string, string>(SessionLog.Settings, StringComparer.Ordinal) { ["unix_socket_directories"] = sockets.Path, ["authentication_timeout"] = "1s" };
            server = await PostgresServer.StartAsync(settings: settings);
            var database = new LeasedDatabase(sockets, server);
            await database.QueryAsync(Schema, static _ => 0);
            return database;
        }
        catch
        {
            await (server?.DisposeAsync() ?? default);
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>The sessions of holders, by the server's log.</summary>
    public SessionLog Sessions() => SessionLog.Of(_server.Output, SessionMark);

    /// <summary>How many sessions the server has ended because their clients said nothing.</summary>
    public int Silent() => _server.Output.Split('\n').Count(line => line.Contains("terminating connection due to idle-session timeout", StringComparison.Ordinal));

    /// <summary>All writes, in the order in which the database decided on them.</summary>
    public Task<List<FencedWrite>> WritesAsync() => QueryAsync(
        "SELECT at, number, holder, lease, accepted FROM writes ORDER BY place",
        row => new FencedWrite(row.GetDouble(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetBoolean(4)));

    /// <summary>Who has written last; null if nobody has.</summary>
    public async Task<string?> LastWriterAsync() =>
        (await QueryAsync("SELECT holder FROM writes WHERE accepted ORDER BY place DESC LIMIT 1", row => row.GetString(0))).FirstOrDefault();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _sockets.Dispose();
    }

    private async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection($"{_server.ConnectionString()};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
