using System.Diagnostics;
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
        await using var database = await PostgresServer.StartAsync(settings: SessionLog.Settings);
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

        var log = SessionLog.Of(database.Output, "application_name=sample");
        output.WriteLine($"{log.Sessions} sessions of {Programs} programs in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s; at most {log.Greatest} at once, by the server's own log");
        log.Sessions.ShouldBe(Programs * (Queries + 1));
        log.Greatest.ShouldBeInRange(Limit / 2, Limit, "Never more; and not so few that there was nothing to limit.");
    }

    private static ChildProcess Start(PostgresServer database) => ChildProcess.Start(
        "dotnet",
        [Repository.NpgsqlSampleAssembly],
        new Dictionary<string, string>
        {
            ["Cluster__ConnectionString"] = database.ConnectionString(), ["Database"] = $"{database.ConnectionString()};Application Name=sample", ["Queries"] = $"{Queries}",
        },
        Path.GetDirectoryName(Repository.NpgsqlSampleAssembly)!);
}
