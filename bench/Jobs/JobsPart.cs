using Admission.Jobs.Storage;

namespace Admission.Jobs.Bench;

/// <summary>Jobs that are stored: through the gateway, from the request to the 202, and in the store alone.</summary>
internal static class JobsPart
{
    /// <summary>What each client sends.</summary>
    public const int BodyBytes = 256;

    private const double Goal = 2_000;

    private enum Subject
    {
        GatewayWithPostgres,
        GatewayWithSqlite,
        Postgres,
        Sqlite,
    }

    public static async Task<PartResult> MeasureAsync()
    {
        if (!PostgresServer.IsInstalled)
        {
            throw new InvalidOperationException("Missing: PostgreSQL (Debian package postgresql). Install it and run this again.");
        }

        var each = Rounds.Each(6);
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        await using var cluster = await DeferringGateway.StartAsync(postgres);
        await using var alone = await DeferringGateway.StartAsync(database: null);
        var runs = await Rounds.MeasureAsync(Enum.GetValues<Subject>(), async subject =>
        {
            (Stored Accepted, Stored Run) found = subject switch
            {
                Subject.GatewayWithPostgres => (await cluster.MeasureAsync(each), default),
                Subject.GatewayWithSqlite => (await alone.MeasureAsync(each), default),
                Subject.Postgres => await StoreAlone.MeasureAsync(
                    new PostgresJobDatabase(await postgres.CreateDatabaseAsync(PostgresServer.Schema), "bench", TimeProvider.System), postgres.ProcessId, each),
                _ => await WithFileAsync(each),
            };
            await Console.Error.WriteLineAsync($"{subject,-20} {found.Accepted.PerSecond,8:0} stored/s  p50 {found.Accepted.P50:0.0} ms  p99 {found.Accepted.P99:0.0} ms  {found.Run.PerSecond,8:0} run/s");
            return found;
        });

        var table = new ResultTable("Stored, each on disk before it is answered", ["", "jobs/s", "p50, p99 ms", "CPU us/job, of the gateway's process", "CPU us/job, of PostgreSQL"], []);
        Add("through the gateway, PostgreSQL", Subject.GatewayWithPostgres);
        Add("through the gateway, SQLite", Subject.GatewayWithSqlite);
        Add("the store alone, PostgreSQL", Subject.Postgres);
        Add("the store alone, SQLite", Subject.Sqlite);
        var done = new ResultTable("Run: taken up, marked as sent, and recorded, by the store alone", ["", "jobs/s", "p50, p99 ms from the mark to the record"], []);
        foreach (var subject in new[] { Subject.Postgres, Subject.Sqlite })
        {
            var all = runs[subject].ConvertAll(run => run.Run);
            done.Add($"{subject}", Of(all, run => run.PerSecond).ToText("#,0"), Times(all));
        }

        var rate = Of(runs[Subject.GatewayWithPostgres].ConvertAll(run => run.Accepted), run => run.PerSecond);
        return new("jobs")
        {
            Settings = $"wrk with 2 threads and 256 connections through the gateway, {StoreAlone.Clients} clients in the process of the store alone; {Rounds.Count} rounds of {each.TotalSeconds:0} s each, in turn; medians, least and most in brackets.",
            Tables = { table, done },
            Goals = { new($"At least {Goal:#,0} stored jobs a second with PostgreSQL on this machine, from the client's request to its 202.", $"{rate.ToText("#,0")}/s.", rate.Median >= Goal) },
            Notes =
            {
                $"POST with {BodyBytes} bytes to a gateway with `Overflow: Defer`, `Jobs:DeferAfter: 0ms` and a backend with one place that is taken: each request asks for a permit, is stored, and is answered 202 after its commit. "
                + "All that were answered are counted in the database. wrk, gateway, silo, backend and PostgreSQL (as Debian ships it: `fsync` and `synchronous_commit` on) share the machine.",
            },
        };

        void Add(string name, Subject subject)
        {
            var all = runs[subject].ConvertAll(run => run.Accepted);
            table.Add(
                name, Of(all, run => run.PerSecond).ToText("#,0"), Times(all), Of(all, run => run.Cpu).ToText("0"),
                subject is Subject.GatewayWithPostgres or Subject.Postgres ? Of(all, run => run.DatabaseCpu).ToText("0") : "");
        }
    }

    private static async Task<(Stored Accepted, Stored Run)> WithFileAsync(TimeSpan each)
    {
        using var folder = new TemporaryFolder();
        return await StoreAlone.MeasureAsync(new SqliteJobDatabase(folder.Path, TimeProvider.System), server: null, each);
    }

    private static Figure Of(List<Stored> runs, Func<Stored, double> figure) => Figure.Of(runs.Select(figure));

    private static string Times(List<Stored> runs) => $"{Of(runs, run => run.P50).Median:0.0}, {Of(runs, run => run.P99).Median:0.0}";
}
