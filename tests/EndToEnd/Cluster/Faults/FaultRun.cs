using Admission.EndToEnd.Cluster.Jobs;
using Admission.EndToEnd.Cluster.Leases;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;
using Admission.EndToEnd.Cluster.Report;

namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>
/// A whole run: start, quiet, faults, quiet, no load, and the judgement.
/// </summary>
internal sealed class FaultRun(string name, int seed, IReadOnlyList<FaultPlan> schedule)
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(120);

    public string Name => name;

    public int Seed => seed;

    public IReadOnlyList<FaultPlan> Schedule => schedule;

    public ClusterPlan Plan { get; init; } = new() { Leased = LeasedPlan.All };

    /// <summary>What is done to the programs that hold leases.</summary>
    public IReadOnlyList<FaultPlan> OfHolders { get; init; } = [];

    /// <summary>Each fault waits until the one before is over, and not only for its time.</summary>
    public bool OneByOne { get; init; }

    /// <summary>Before figures are taken, so that all is compiled and all queues are as they will be.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>With nothing wrong, before the faults: what they are compared with.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>After the faults, until every job must have its result.</summary>
    public TimeSpan JobBound { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The run's folder, for its logs and its report.</summary>
    public string Folder => Path.Combine(Repository.Artifacts, "faults", name);

    public async Task<FaultRunResult> RunAsync()
    {
        await using var database = await LeasedDatabase.StartAsync();
        await using var cluster = await ClusterUnderTest.StartAsync(Plan, seed);
        await using var holders = HolderProcesses.Start(cluster, database, seed);
        try
        {
            var result = await RunAsync(cluster, holders);
            result.Write(Folder);
            return result;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"The fault run {name} has failed: {failure.Message}\n{cluster.Describe()}", failure);
        }
        finally
        {
            cluster.SaveLogs(Folder);
            holders.SaveLogs(Folder);
        }
    }

    private async Task<FaultRunResult> RunAsync(ClusterUnderTest cluster, HolderProcesses holders)
    {
        var leases = new LeaseLoad(cluster, holders, OfHolders);
        using var stalls = new StallMeter();
        await using var load = new SteadyLoad(Plan.Live, cluster.Balancer, seed);
        await using var jobs = new JobLoad(Plan.Deferring, cluster.Balancer, seed);
        load.Start();
        jobs.Start();
        var begun = Clock.Now;
        await Until.TrueAsync(
            () => Plan.Live.All(backend => load.Requests.Any(request => request.Backend == backend.Id && request.End == RequestEnd.Served)),
            StartBound,
            () => "Not every backend serves.");
        await Task.Delay(WarmUp);
        var quiet = Clock.Now;
        cluster.Log.Note("Quiet");
        await Task.Delay(Quiet);
        var quietEnd = Clock.Now;
        cluster.Log.Note("Faults");
        var runner = new FaultRunner(cluster);
        var ofHolders = leases.RunFaultsAsync();
        var faults = await (OneByOne ? runner.RunOneByOneAsync(schedule) : runner.RunAsync(schedule));
        await ofHolders;
        await cluster.WaitUntilReadyAsync(ReadyBound);
        var judged = JudgeAsync(cluster, jobs, faults);
        await Task.Delay(Plan.UntilPermitsAreBack);
        var jobFigures = await judged;
        cluster.Log.Note("The load ends");
        var loadEnd = Clock.Now;
        await load.StopAsync();
        var judgedLeases = leases.JudgeAsync(faults, stalls.Stalls);
        var leaks = await LeakCheck.FindAsync(cluster);
        var leaseFigures = await judgedLeases;
        cluster.Log.Note(leaks.Count == 0 ? "Nothing has leaked" : $"Leaked: {string.Join("; ", leaks)}");
        return FaultRunResult.Of(name, seed, schedule, cluster, load.Requests, jobFigures, leaseFigures, faults, leaks, new(begun, quiet, quietEnd, loadEnd), stalls.Stalls);
    }

    /// <summary>While live requests go on.</summary>
    private async Task<JobFigures> JudgeAsync(ClusterUnderTest cluster, JobLoad jobs, IReadOnlyList<Fault> faults)
    {
        await jobs.StopAsync(JobBound);
        Outage[] lost =
        [
            .. cluster.Frontends.SelectMany(frontend => frontend.Outages),

            // Frontends cannot renew their claims then.
            .. faults.Where(fault => fault.Plan.Kind is FaultKind.StopDatabase or FaultKind.KillDatabase or FaultKind.HangDatabase).Select(fault => new Outage(fault.Target, fault.From, fault.To)),
        ];
        var figures = await new JobCheck(cluster, jobs.Records, lost).RunAsync(JobBound);
        cluster.Log.Note($"Jobs: {figures}");
        return figures;
    }
}
