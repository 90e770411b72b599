using System.Data.Common;
using Admission.Bench.Proxies.Load;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Admission.Jobs.Bench;

/// <summary>A gateway that stores all it gets: its backend has one place, which is taken for as long as it stands.</summary>
internal sealed class DeferringGateway : IAsyncDisposable
{
    private const int Connections = 256;
    private const string Busy = "/work?ms=3000000";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly TemporaryFolder _data = new();
    private PostgresServer? _database;
    private Server? _gateway;

    /// <summary>Starts one.</summary>
    /// <param name="database">The cluster's database, for a gateway and a silo of processes of their own; null for a gateway alone, with its jobs in a file.</param>
    public static async Task<DeferringGateway> StartAsync(PostgresServer? database)
    {
        var stand = new DeferringGateway { _database = database };
        try
        {
            var backend = await stand.AddAsync(Server.DotnetAsync(Repository.Built("bench/FastBackend", "FastBackend"), "--workers", "1"));
            string[] cluster = [];
            if (database is not null)
            {
                cluster = ["--cluster", database.ConnectionString()];
                await stand.AddAsync(Server.DotnetAsync(Repository.Silo, [.. cluster, "--silo-port", $"{FreePort.Take()}", "--gateway-port", $"{FreePort.Take()}"]));
            }

            const string Policy = "--Admission:Backends:backend:";
            stand._gateway = await stand.AddAsync(Server.DotnetAsync(Repository.Gateway,
            [
                "--to", $"{backend.Address}", "--limit", "1", "--run-timeout", "1h", "--data", stand._data.Path, $"{Policy}Overflow=Defer", $"{Policy}Jobs:DeferAfter=0ms",
                $"{Policy}Jobs:Capacity=10000000", $"{Policy}Jobs:MaxStored=1024GiB", .. cluster,
            ]));
            using var http = new HttpClient { BaseAddress = stand._gateway.Address, Timeout = TimeSpan.FromSeconds(10) };
            await Until.TrueAsync(() => AnswersAsync(http, "/health/ready"), TimeSpan.FromSeconds(60), () => $"The gateway is never ready:\n{stand._gateway.Output}");
            await Until.TrueAsync(
                async () =>
                {
                    using var answer = await http.PostAsync(new Uri(Busy, UriKind.Relative), null);
                    return await http.GetStringAsync(new Uri(backend.Address, "/inside")) == "1";
                },
                TimeSpan.FromSeconds(60),
                () => $"The backend is not busy:\n{stand._gateway.Output}");
            _ = await Wrk.PostAsync(stand._gateway.Port, Connections, TimeSpan.FromSeconds(2), "/", JobsPart.BodyBytes);
            return stand;
        }
        catch
        {
            await stand.DisposeAsync();
            throw;
        }
    }

    /// <summary>Posts for so long, and counts in the database what was stored.</summary>
    public async Task<Stored> MeasureAsync(TimeSpan lasts)
    {
        var (cpu, database, stored) = (ProcessUse.Cpu(_gateway!.Id), DatabaseCpu(), await CountAsync());
        var wrk = await Wrk.PostAsync(_gateway.Port, Connections, lasts, "/", JobsPart.BodyBytes);
        stored = await CountAsync() - stored;
        if (wrk.Refused > 0 || stored < wrk.Requests)
        {
            throw new InvalidOperationException($"Of {wrk.Requests} requests {wrk.Refused} were refused, and {stored} are stored:\n{_gateway.Output}");
        }

        return new(
            wrk.PerSecond, wrk.P50, wrk.P99, (ProcessUse.Cpu(_gateway.Id) - cpu).TotalMicroseconds / wrk.Requests, (DatabaseCpu() - database).TotalMicroseconds / wrk.Requests);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        _data.Dispose();
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    private TimeSpan DatabaseCpu() => _database is null ? TimeSpan.Zero : ProcessUse.CpuOfFamily(_database.ProcessId);

    private async Task<long> CountAsync()
    {
        await using DbConnection connection = _database is null
            ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _data["jobs.db"], Pooling = false }.ConnectionString)
            : new NpgsqlConnection(_database.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM admission_job";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Server> AddAsync(Task<Server> starting)
    {
        var server = await starting;
        _parts.Add(server);
        return server;
    }
}
