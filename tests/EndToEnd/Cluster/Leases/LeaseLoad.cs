using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>The leases of a fault run: programs that hold them, what is done to those, and the judgement.</summary>
internal sealed class LeaseLoad(ClusterUnderTest cluster, HolderProcesses holders, IReadOnlyList<FaultPlan> schedule)
{
    /// <summary>After a silo is back, or a link: until every ledger has an owner again that answers.</summary>
    private static readonly TimeSpan Failover = TimeSpan.FromSeconds(15);

    private static readonly FaultKind[] OfLedgers =
    [
        FaultKind.KillSilo, FaultKind.HangSilo, FaultKind.CutSiloSilo, FaultKind.BlackHoleSiloSilo, FaultKind.CutSiloDatabase, FaultKind.BlackHoleSiloDatabase,
    ];

    private static readonly FaultKind[] OfDatabase = [FaultKind.StopDatabase, FaultKind.KillDatabase, FaultKind.HangDatabase];

    private IReadOnlyList<Fault> _done = [];

    /// <summary>Runs the schedule; ends when all is healed.</summary>
    public async Task RunFaultsAsync() => _done = await HolderFaults.RunAsync(holders, schedule, cluster.Log);

    /// <summary>Stops the holders, waits until no lease is left, and judges.</summary>
    /// <param name="faults">What was done to the cluster.</param>
    /// <param name="stalls">When the machine itself stood still.</param>
    public async Task<LeaseFigures> JudgeAsync(IReadOnlyList<Fault> faults, IReadOnlyList<Stretch> stalls)
    {
        await holders.StopAsync();
        IReadOnlyList<Outage> away = LedgerAway(faults);
        var missing = await new LeaseCheck(cluster).FindAsync(mayBeSlow: away.Count > 0);
        var journal = holders.Journal(cluster.Balancer.Frontends.Count);
        var (sessions, writes) = (holders.Database.Sessions(), await holders.Database.WritesAsync());
        Outage[] excused = [.. away, .. stalls.Where(stall => stall.Seconds > LeasedPlan.Writer.Ttl.TotalSeconds / 6).Select(stall => new Outage("the machine", stall.From, stall.To))];
        var faultsFound = LeasedPlan.All.SelectMany(plan =>
            {
                LeaseRecord[] leases = [.. journal.Leases.Where(lease => lease.Backend == plan.Id)];
                return LeaseJudge.OfHolding(leases, plan.Limit).Concat(LeaseJudge.OfTokens(leases)).Concat(LeaseJudge.OfLosses(leases, plan, holders.Outages, excused)).Concat(LeaseJudge.OfEnds(leases, plan));
            })
            .Concat(LeaseJudge.OfSessions(sessions, LeasedPlan.Sessions.Limit))
            .Concat(LeaseJudge.OfWrites(writes, journal.Leases, holders.Outages))
            .Concat(LeaseJudge.OfRefusals(journal.Refusals))
            .Concat(holders.All.SelectMany(holder => holder.Crashes.Concat(holder.ExitCodes.Where(code => code != 0)).Select(code => $"{holder.Name} ended with {code}")))
            .Concat(missing);
        var figures = new LeaseFigures(
            _done.Count(fault => fault.Plan.Kind == FaultKind.KillHolder),
            _done.Count(fault => fault.Plan.Kind == FaultKind.HangHolder),
            journal.Leases.Count,
            journal.Leases.Sum(lease => lease.Renewals.Count(renewal => renewal.Status == 200)),
            journal.Leases.Count(IsMoved),
            sessions.Sessions,
            sessions.Greatest,
            LeasedPlan.Sessions.Limit,
            sessions.TimeAt.ElementAtOrDefault(LeasedPlan.Sessions.Limit) / Math.Max(1, sessions.TimeAt.Sum()),
            writes.Count(write => write.IsAccepted),
            writes.Count(write => !write.IsAccepted),
            LongestPause([.. writes.Where(write => write.IsAccepted)]),
            journal.Leases.Count(lease => lease.Lost is not null),
            journal.Leases.Sum(lease => lease.Renewals.Append(lease.Release).Count(answer => answer?.Status == 410 && (lease.Release is null || answer.Answered <= lease.Release.Answered))),
            holders.Database.Silent(),
            [.. faultsFound]);
        cluster.Log.Note($"Leases: {figures}");
        cluster.Log.Note($"No lease: {Words(journal.Refusals)}; no answer: {Words(journal.Failures)}; sessions ended by the database: {Words(journal.Cuts)}");
        return figures;
    }

    /// <summary>When it was not to be expected that every lease can be renewed: no ledger without its silo; and none moves without the database.</summary>
    private IReadOnlyList<Outage> LedgerAway(IReadOnlyList<Fault> faults)
    {
        var tail = (long)(Failover.TotalSeconds * 1e9);
        Outage[] ledgers =
        [
            .. faults.Where(fault => OfLedgers.Contains(fault.Plan.Kind)).Select(fault => new Outage(fault.Target, fault.From, fault.To + tail)),

            // A silo that the others have declared dead: it stood still before.
            .. cluster.Silos.SelectMany(silo => silo.CrashedAt.Select(time => new Outage(silo.Name, time - tail, time + tail))),
        ];
        return
        [
            .. ledgers,
            .. faults.Where(fault => OfDatabase.Contains(fault.Plan.Kind) && ledgers.Any(ledger => ledger.From <= fault.To && ledger.To >= fault.From)).Select(fault => new Outage(fault.Target, fault.From, fault.To + tail)),
        ];
    }

    private bool IsMoved(LeaseRecord lease)
    {
        var gateway = cluster.Frontends[lease.Grant.Gateway];
        return lease.Renewals.Any(renewal => renewal.Status == 200 && gateway.Outages.Any(outage => outage.From >= lease.Grant.Answered && outage.From <= renewal.Sent));
    }

    private static double LongestPause(IReadOnlyList<FencedWrite> writes) =>
        writes.Zip(writes.Skip(1)).Where(pair => pair.First.Number != pair.Second.Number).Select(pair => pair.Second.At - pair.First.At).DefaultIfEmpty(0).Max();

    private static string Words(IReadOnlyDictionary<string, int> counts) => counts.Count == 0 ? "-" : string.Join(", ", counts.OrderByDescending(each => each.Value).Select(each => $"{each.Key}: {each.Value}"));
}
