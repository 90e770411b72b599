namespace Admission.Leases.Bench;

/// <summary>Leases over HTTP: taken and given back, and renewed.</summary>
internal static class LeasesPart
{
    private const int Many = 64;

    private enum Subject
    {
        PostgresOne,
        PostgresMany,
        FileOne,
        FileMany,
    }

    public static async Task<PartResult> MeasureAsync()
    {
        if (!PostgresServer.IsInstalled)
        {
            throw new InvalidOperationException("Missing: PostgreSQL (Debian package postgresql). Install it and run this again.");
        }

        var each = Rounds.Each(4);
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        await using var cluster = await LeasingGateway.StartAsync(postgres);
        await using var alone = await LeasingGateway.StartAsync(database: null);
        var runs = await Rounds.MeasureAsync(Enum.GetValues<Subject>(), async subject =>
        {
            var gateway = subject is Subject.PostgresOne or Subject.PostgresMany ? cluster : alone;
            var programs = subject is Subject.PostgresOne or Subject.FileOne ? 1 : Many;
            (Leased Taken, Leased Renewed) found = (await gateway.TakeAsync(programs, each), await gateway.RenewAsync(programs, each));
            await Console.Error.WriteLineAsync($"{subject,-14} {found.Taken.PerSecond,8:0} taken/s  p50 {found.Taken.P50:0.0} ms  p99 {found.Taken.P99:0.0} ms  {found.Renewed.PerSecond,8:0} renewed/s");
            return found;
        });

        var table = new ResultTable(
            "Leases, each in the record on disk before it is answered", ["", "taken and given back, leases/s", "taking: p50, p99 ms", "renewed, leases/s", "p50, p99 ms"], []);
        Add("PostgreSQL, one program", Subject.PostgresOne);
        Add($"PostgreSQL, {Many} programs", Subject.PostgresMany);
        Add("file, one program", Subject.FileOne);
        Add($"file, {Many} programs", Subject.FileMany);
        return new("leases")
        {
            Settings = $"{Rounds.Count} rounds of {each.TotalSeconds:0} s for taking and as much for renewing, in turn; medians, least and most in brackets.",
            Tables = { table },
            Notes =
            {
                "Each program takes a lease with `POST`, gives it back with `DELETE`, and begins again; then each renews one with `PUT`. With PostgreSQL (as Debian ships it: `fsync` and `synchronous_commit` on) gateway and silo are processes of their own; "
                + "with the file the gateway is alone. The programs are tasks of one process with .NET's HTTP client and share the machine with all the rest. One backend has one ledger, and so one record: other backends have theirs.",
            },
        };

        void Add(string name, Subject subject)
        {
            var (taken, renewed) = (runs[subject].ConvertAll(run => run.Taken), runs[subject].ConvertAll(run => run.Renewed));
            table.Add(name, Of(taken, run => run.PerSecond).ToText("#,0"), Times(taken), Of(renewed, run => run.PerSecond).ToText("#,0"), Times(renewed));
        }
    }

    private static Figure Of(List<Leased> runs, Func<Leased, double> figure) => Figure.Of(runs.Select(figure));

    private static string Times(List<Leased> runs) => $"{Of(runs, run => run.P50).Median:0.0}, {Of(runs, run => run.P99).Median:0.0}";
}
