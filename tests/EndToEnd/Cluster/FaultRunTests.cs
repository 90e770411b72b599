using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Leases;
using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Report;
using Xunit.Abstractions;

namespace Admission.EndToEnd.Cluster;

/// <summary>
/// The proof: three silos, four frontends, PostgreSQL and six backends under load, and what happens to them. Judged by the backends' own records.
/// <c>ADMISSION_SOAK=1h dotnet test --filter FaultRun</c> runs it long; reports and logs are in artifacts/faults.
/// </summary>
[Collection(Measured.Name)]
public sealed class FaultRunTests(ITestOutputHelper output)
{
    /// <summary>What a silo ends with that the others have declared dead; a supervisor starts it again.</summary>
    private const int NoMemberAnyMore = 70;

    /// <summary>Of the goodput in quiet, under a fault every ten seconds.</summary>
    private const double LeastGoodput = 0.5;

    private const int LeastJobs = 100;

    private const int LeastLeases = 50;

    [SkippableFact]
    public async Task What_each_kind_of_death_costs()
    {
        Need.PostgresInPython();
        var result = await RunDeathsAsync();
        if (!result.WasQuiet)
        {
            output.WriteLine("The machine was too busy with other things for figures of time: once more.");
            result = await RunDeathsAsync();
            result.WasQuiet.ShouldBeTrue("The machine is too busy with other things: clients wait for seconds before anything is done to the cluster.");
        }

        Of(result, FaultKind.KillSilo).Worst.ShouldBeLessThan(10, "A contended backend is to be granted again within 10 s.");
        var stop = Of(result, FaultKind.StopSilo);
        stop.During.ShouldBeLessThan(0.5 + stop.Stall, "A planned stop is to be no gap of more than 500 ms.");

        // Its start and the compilation of its code want the two cores for themselves meanwhile.
        stop.Worst.ShouldBeLessThan(3 + stop.Stall, "Nor is the return of what was stopped to cost much.");
        Of(result, FaultKind.KillFrontend).Worst.ShouldBeLessThan(new ClusterPlan().UntilPermitsAreBack.TotalSeconds + 2, "A lost frontend's permits are to be back.");

        var away = Of(result, FaultKind.StopDatabase);
        away.Troubles.ShouldBeEmpty("Nobody is to be refused because PostgreSQL is away for 30 s.");
        away.Worst.ShouldBeLessThan(1 + away.Stall, "Nor is service to pause for it.");
    }

    [SkippableFact]
    public async Task Faults_drawn_from_a_seed()
    {
        Need.PostgresInPython();
        var results = new List<FaultRunResult>();
        foreach (var (seed, duration) in SoakSetting.Runs((2190, TimeSpan.FromSeconds(35))))
        {
            // By turns: on the loopback address every link can be delayed and cut; between namespaces partitions are the real network's.
            var plan = new ClusterPlan { ManyHosts = seed % 2 == 0, Leased = LeasedPlan.All };
            results.Add(await RunAsync(new($"seed-{seed}", seed, FaultSchedule.Draw(seed, plan, duration, SoakSetting.Kinds))
            {
                Plan = plan, OfHolders = HolderFaults.Draw(seed, duration, SoakSetting.Kinds),
            }));
            await File.WriteAllTextAsync(Path.Combine(Repository.Artifacts, "faults", "tables.md"), Markdown.Tables(results));
        }

        results.ForEach(ShouldBeRight);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan For(double seconds) => TimeSpan.FromSeconds(seconds);

    private static FaultFigures Of(FaultRunResult result, FaultKind kind) => result.Faults.Single(each => each.Fault.Plan.Kind == kind);

    private static void ShouldBeRight(FaultRunResult result)
    {
        var report = Markdown.Detail(result);
        result.Backends.SelectMany(backend => backend.Over.Excesses).ShouldBeEmpty(report);
        result.Leaks.ShouldBeEmpty(report);
        result.Unclean.ShouldBeEmpty(report);
        result.Jobs.Faults.ShouldBeEmpty(report);
        result.Jobs.Accepted.ShouldBeGreaterThan(LeastJobs, $"Nothing is tested of jobs.\n{report}");
        result.Leases.Faults.ShouldBeEmpty(report);
        result.Leases.Ratio.ShouldBe(1, $"The sessions were to be all in use: nothing is tested.\n{report}");
        result.Leases.Granted.ShouldBeGreaterThan(LeastLeases, $"Nothing is tested of leases.\n{report}");
        result.QuietGoodput.ShouldBeGreaterThan(0, report);
        result.GoodputKept.ShouldBeGreaterThan(LeastGoodput, report);
        result.Crashes.Where(each => each.Value.Any(code => code != NoMemberAnyMore) || (each.Key.StartsWith("frontend", StringComparison.Ordinal) && each.Value.Length > 0))
            .ShouldBeEmpty(report);
        foreach (var backend in result.Backends)
        {
            backend.Over.Ratio.ShouldBe(1, $"{backend.Id} was to be full: nothing is tested.\n{report}");
        }
    }

    private async Task<FaultRunResult> RunDeathsAsync()
    {
        var result = await RunAsync(new("deaths", 1,
        [
            new(At(1), For(2), FaultKind.KillSilo, FaultRunner.OwnerOf + "goes-on-8"),
            new(At(12), For(1), FaultKind.StopSilo, FaultRunner.OwnerOf + "stops-8"),
            new(At(23), For(1), FaultKind.KillFrontend, "frontend2"),
            new(At(39), For(30), FaultKind.StopDatabase, INetwork.Database),
        ])
        {
            OneByOne = true,
        });
        ShouldBeRight(result);
        return result;
    }

    private async Task<FaultRunResult> RunAsync(FaultRun run)
    {
        output.WriteLine($"{run.Name}, seed {run.Seed}:\n{string.Join('\n', run.Schedule.Concat(run.OfHolders).OrderBy(fault => fault.At))}");
        var result = await run.RunAsync();
        output.WriteLine(Markdown.Detail(result));
        return result;
    }
}
