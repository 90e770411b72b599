using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Jobs;
using Admission.EndToEnd.Cluster.Leases;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Report;

/// <summary>The times of a run on the machine's monotonic clock.</summary>
internal sealed record RunTimes(long Begun, long Quiet, long QuietEnd, long LoadEnd)
{
    public double Seconds => Clock.Seconds(LoadEnd - Begun);
}

/// <summary>A fault with what it cost.</summary>
/// <param name="Fault">What was done.</param>
/// <param name="WithoutService">
/// For each backend, the longest time without service while it lasted and after it, until the next fault begins or permits must be back.
/// </param>
/// <param name="During">The same, only until it was healed: for a process that was stopped, until it is started again.</param>
/// <param name="Stall">The longest time in the same window at which the machine itself stood still.</param>
/// <param name="Goodput">Requests served per second while it lasted and a few seconds after, as a share of those in quiet.</param>
/// <param name="Unclean">Requests without a clean answer that nothing explains.</param>
/// <param name="Explained">Requests without a clean answer because the process that served them was killed or hung.</param>
/// <param name="Troubles">Refusals for another reason than capacity.</param>
internal sealed record FaultFigures(
    Fault Fault, IReadOnlyDictionary<string, Stretch> WithoutService, double During, double Stall, double Goodput, int Unclean, int Explained, IReadOnlyList<RequestRecord> Troubles)
{
    public double Worst => WithoutService.Values.Max(stretch => stretch.Seconds);

    public string WorstBackend => WithoutService.MaxBy(each => each.Value.Seconds).Key;
}

/// <summary>A backend's figures over a whole run.</summary>
internal sealed record BackendFigures(string Id, OverAdmission Over, double QuietGap);

/// <summary>What a fault run has shown.</summary>
internal sealed record FaultRunResult(
    string Name, int Seed, RunTimes Times, IReadOnlyList<FaultPlan> Schedule, IReadOnlyList<BackendFigures> Backends, IReadOnlyList<FaultFigures> Faults,
    ServiceRecord Service, JobFigures Jobs, LeaseFigures Leases, IReadOnlyList<string> Leaks, IReadOnlyDictionary<string, int[]> Crashes, string Network, IReadOnlyList<Stretch> Stalls)
{
    // Shorter ones say nothing: the load itself has such gaps.
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(20);
    private const double LongestQuietGap = 0.7;

    private static readonly long After = 5_000_000_000;

    public double QuietGoodput => Service.Goodput(Times.Quiet, Times.QuietEnd);

    /// <summary>Requests served per second from the first fault to the end, as a share of those in quiet.</summary>
    public double GoodputKept => Service.Goodput(Times.QuietEnd, Times.LoadEnd) / QuietGoodput;

    /// <summary>Before the faults all was well: if not, the machine has other things to do, and figures of time say nothing about the cluster.</summary>
    public bool WasQuiet =>
        Backends.All(backend => backend.QuietGap < LongestQuietGap) && !Service.Ended(Times.Quiet, Times.QuietEnd).Any(Reasons.IsTrouble);

    public IReadOnlyList<RequestRecord> Unclean => [.. Service.Unclean()];

    public static FaultRunResult Of(
        string name, int seed, IReadOnlyList<FaultPlan> schedule, ClusterUnderTest cluster, IReadOnlyList<RequestRecord> requests, JobFigures jobs, LeaseFigures leases,
        IReadOnlyList<Fault> faults, IReadOnlyList<string> leaks, RunTimes times, IReadOnlyList<Stretch> stalls)
    {
        var service = new ServiceRecord(requests, cluster.Outages);
        var gaps = cluster.Backends.ToDictionary(
            backend => backend.Plan.Id,
            backend => Idleness.Of(
                backend.Process.Journal.Read(), backend.Limits, requests.Where(request => request.Backend == backend.Plan.Id), backend.Process.Dead, ShortestGap));
        var quietGoodput = service.Goodput(times.Quiet, times.QuietEnd);
        var back = (long)(cluster.Plan.UntilPermitsAreBack.TotalSeconds * 1e9);
        return new(
            name, seed, times, schedule,
            [.. cluster.Backends.Select(backend => new BackendFigures(backend.Plan.Id, backend.OverAdmission(), gaps[backend.Plan.Id].LongestIn(times.Quiet, times.QuietEnd).Seconds))],
            [.. faults.Select(fault => FiguresOf(fault, Until(fault, back, faults, times.LoadEnd), gaps, stalls, service, quietGoodput))],
            service, jobs, leases, leaks,
            cluster.Processes.ToDictionary(process => process.Name, process => process.Crashes.ToArray()),
            cluster.Network.Description, stalls);
    }

    private static long Until(Fault fault, long back, IReadOnlyList<Fault> all, long end) =>
        all.Where(other => other.From > fault.To).Select(other => other.From).Append(fault.To + back).Append(end).Min();

    private static FaultFigures FiguresOf(
        Fault fault, long until, Dictionary<string, IReadOnlyList<Stretch>> gaps, IReadOnlyList<Stretch> stalls, ServiceRecord service, double quietGoodput) => new(
            fault,
            gaps.ToDictionary(each => each.Key, each => each.Value.LongestIn(fault.From, until)),
            gaps.Max(each => each.Value.LongestIn(fault.From, fault.To).Seconds),
            stalls.LongestIn(fault.From, until).Seconds,
            service.Goodput(fault.From, Math.Min(fault.To + After, until)) / quietGoodput,
            service.Unclean(fault.From, until).Count(),
            service.Explained(fault.From, until).Count(),
            [.. service.Ended(fault.From, until).Where(Reasons.IsTrouble)]);
}
