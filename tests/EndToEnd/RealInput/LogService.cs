namespace Admission.EndToEnd.RealInput;

/// <summary>A MariaDB with 151 connections and in front of it a Flask service whose gunicorn opens up to 256 of them.</summary>
public sealed class LogService : IAsyncLifetime
{
    private const int Workers = 4;
    private const int ThreadsEach = 64;

    private static readonly TimeSpan Held = TimeSpan.FromMilliseconds(500);

    internal MariaDbServer Database { get; private set; } = null!;

    internal PythonBackend Service { get; private set; } = null!;

    /// <summary>The policy as the database's own number gives it: 151 less a reserve of 25, for connections that the database has not seen end yet: on two busy cores those were ten once.</summary>
    internal static object Policy(string overflow) => overflow == "Defer"
        ? new { Profile = new { Server = "mysql", Reserve = 25 }, Overflow = overflow, Jobs = new { DeferAfter = "200ms" } }
        : new { Profile = new { Server = "mysql", Reserve = 25 }, Overflow = overflow, Queue = new { Capacity = 1000, MaxWait = "30s" } };

    public async Task InitializeAsync()
    {
        if (!Need.HasMariaDb)
        {
            return;
        }

        Database = await MariaDbServer.StartAsync();
        await Database.QueryAsync("CREATE DATABASE logs; CREATE TABLE logs.log_rows (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL, message TEXT NOT NULL)");
        Service = await PythonBackend.LogServiceAsync(Workers, ThreadsEach, Database, Held);
    }

    public async Task DisposeAsync()
    {
        await (Service?.DisposeAsync() ?? default);
        await (Database?.DisposeAsync() ?? default);
    }
}
