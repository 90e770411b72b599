using System.Diagnostics;
using Npgsql;
using Xunit.Abstractions;

namespace Admission.EndToEnd.RealInput;

/// <summary>
/// The .NET sample as it is: several programs in a cluster that share 20 sessions at a PostgreSQL server. What counts is the server's own log, which has a line for the begin and the end of each session.
/// </summary>
public sealed class SessionSampleTests(ITestOutputHelper output)
{
    private const int Limit = 20;
    private const int Programs = 3;
    private const int Queries = 70;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Programs_of_a_cluster_share_20_sessions_at_PostgreSQL()
    {
        Need.Postgres();
        await using var database = await PostgresServer.StartAsync();
        await LogSessionsAsync(database);
        await using var silo = new SiloProcess(database.ConnectionString());
        await silo.StartAsync();

        var begun = Stopwatch.GetTimestamp();
        var programs = Enumerable.Range(0, Programs).Select(_ => Start(database)).ToArray();
        foreach (var program in programs)
        {
            await using (program)
            {
                (await program.WaitForExitAsync(Bound)).ShouldBe(0, program.Output);
                program.Output.ShouldContain($"{Queries} queries done.");
            }
        }

        var (sessions, most) = Count(database.Output);
        output.WriteLine($"{sessions} sessions of {Programs} programs in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s; at most {most} at once, by the server's own log");
        sessions.ShouldBe(Programs * (Queries + 1));
        most.ShouldBeInRange(Limit / 2, Limit, "Never more; and not so few that there was nothing to limit.");
    }

    private static ChildProcess Start(PostgresServer database) => ChildProcess.Start(
        "dotnet",
        [Repository.NpgsqlSampleAssembly],
        new Dictionary<string, string>
        {
            ["Cluster__ConnectionString"] = database.ConnectionString(), ["Database"] = $"{database.ConnectionString()};Application Name=sample", ["Queries"] = $"{Queries}",
        },
        Path.GetDirectoryName(Repository.NpgsqlSampleAssembly)!);

    private static async Task LogSessionsAsync(PostgresServer database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString());
        await connection.OpenAsync();
        foreach (var sql in new[] { "ALTER SYSTEM SET log_connections = on", "ALTER SYSTEM SET log_disconnections = on", "ALTER SYSTEM SET log_line_prefix = '<%p> '", "SELECT pg_reload_conf()" })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Lines such as <c>&lt;123&gt; LOG:  connection authorized: user=admission database=postgres application_name=sample</c>, in the order in which they were written.</summary>
    private static (int Sessions, int Most) Count(string log)
    {
        var (open, sessions, most) = (new HashSet<string>(StringComparer.Ordinal), 0, 0);
        foreach (var line in log.Split('\n'))
        {
            if (line.IndexOf('<', StringComparison.Ordinal) is var from && from >= 0 && line.IndexOf('>', from) is var to && to > from)
            {
                var process = line[from..to];
                if (line.Contains("connection authorized", StringComparison.Ordinal) && line.Contains("application_name=sample", StringComparison.Ordinal))
                {
                    open.Add(process).ShouldBeTrue(line);
                    sessions++;
                }
                else if (line.Contains("disconnection:", StringComparison.Ordinal))
                {
                    open.Remove(process);
                }

                most = Math.Max(most, open.Count);
            }
        }

        return (sessions, most);
    }
}
