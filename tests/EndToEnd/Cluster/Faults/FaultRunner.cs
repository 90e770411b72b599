using System.Collections.Concurrent;
using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Processes;

namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>Does to a cluster what a schedule says, and heals it.</summary>
internal sealed class FaultRunner(ClusterUnderTest cluster)
{
    /// <summary>What stands before a backend's id where its owner is meant.</summary>
    public const string OwnerOf = "owner of ";

    private static readonly TimeSpan LimitBound = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(60);

    /// <summary>After everything is ready again, until ledgers have moved to the silo that came back.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly ConcurrentQueue<Fault> _done = new();

    /// <summary>Runs a whole schedule; ends when everything is healed.</summary>
    public async Task<IReadOnlyList<Fault>> RunAsync(IEnumerable<FaultPlan> schedule)
    {
        var start = Clock.Now;
        await Task.WhenAll(schedule.Select(async plan =>
        {
            await WaitAsync(plan.At - Clock.Since(start));
            _done.Enqueue(await RunAsync(plan));
        }));
        return [.. _done.OrderBy(fault => fault.From)];
    }

    /// <summary>Runs one fault after the other, each when the one before is over and everything is back: what each costs by itself.</summary>
    public async Task<IReadOnlyList<Fault>> RunOneByOneAsync(IEnumerable<FaultPlan> schedule)
    {
        var start = Clock.Now;
        var late = TimeSpan.Zero;
        foreach (var plan in schedule)
        {
            await WaitAsync(plan.At + late - Clock.Since(start));
            await cluster.WaitUntilReadyAsync(ReadyBound);
            await cluster.WaitUntilJoinedAsync(ReadyBound);
            await WaitAsync(Rest);

            // Where one takes longer the next keep their distance: without PostgreSQL a ledger may not take a killed frontend's permits back, so these must be back before.
            var behind = Clock.Since(start) - plan.At;
            late = behind > late ? behind : late;
            _done.Enqueue(await RunAsync(plan));
        }

        return [.. _done];
    }

    /// <summary>Runs one fault now, from its beginning to its healing.</summary>
    public async Task<Fault> RunAsync(FaultPlan plan)
    {
        var target = Resolve(plan.Target);
        cluster.Log.Note($"Fault: {plan}{(target == plan.Target ? "" : $", which is {target}")}");
        var from = Clock.Now;
        var took = plan.Kind switch
        {
            FaultKind.KillSilo or FaultKind.KillFrontend => await KillAsync(cluster.Process(target), plan.For),
            FaultKind.HangSilo or FaultKind.HangFrontend => await HangAsync(cluster.Process(target), plan.For),
            FaultKind.StopSilo or FaultKind.StopFrontend => await StopAsync(cluster.Process(target), plan.For),
            FaultKind.StopDatabase or FaultKind.KillDatabase => await DatabaseAsync(plan.Kind == FaultKind.KillDatabase, plan.For),
            FaultKind.HangDatabase => await HangDatabaseAsync(plan.For),
            FaultKind.KillBackend => await KillBackendAsync(cluster.Backend(target), plan.For),
            FaultKind.ChangeLimit => await ChangeLimitAsync(cluster.Backend(target), plan.For),
            _ => await OnLinksAsync(plan, target),
        };
        cluster.Log.Note($"Healed: {plan.Kind} {target}");
        return new(plan, target, from, Clock.Now, took);
    }

    private static async Task WaitAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            await Task.Delay(time);
        }
    }

    private string Resolve(string target) =>
        target.StartsWith(OwnerOf, StringComparison.Ordinal) ? (cluster.OwnerOf(target[OwnerOf.Length..]) ?? cluster.Silos[0]).Name : target;

    private static async Task<TimeSpan?> KillAsync(SupervisedProcess process, TimeSpan time)
    {
        await process.KillAsync();
        await WaitAsync(time);
        process.Start();
        return null;
    }

    private static async Task<TimeSpan?> HangAsync(SupervisedProcess process, TimeSpan time)
    {
        await process.HangAsync();
        await WaitAsync(time);
        await process.GoOnAsync();
        return null;
    }

    private static async Task<TimeSpan?> StopAsync(SupervisedProcess process, TimeSpan time)
    {
        var took = await process.TerminateAsync();
        await WaitAsync(time);
        process.Start();
        return took;
    }

    private async Task<TimeSpan?> DatabaseAsync(bool kill, TimeSpan time)
    {
        await (kill ? cluster.Postgres.KillAsync() : cluster.Postgres.StopAsync());
        await WaitAsync(time);
        await cluster.Postgres.ResumeAsync();
        return null;
    }

    private async Task<TimeSpan?> HangDatabaseAsync(TimeSpan time)
    {
        cluster.Postgres.Hang();
        await WaitAsync(time);
        cluster.Postgres.GoOn();
        return null;
    }

    private static async Task<TimeSpan?> KillBackendAsync(BackendUnderTest backend, TimeSpan time)
    {
        await backend.Process.KillAsync();
        await WaitAsync(time);
        await backend.Process.RestartAsync();
        return null;
    }

    // Down, so that it has to be held with more inside, and up again.
    private async Task<TimeSpan?> ChangeLimitAsync(BackendUnderTest backend, TimeSpan time)
    {
        var asked = Clock.Now;
        await cluster.SetLimitAsync(backend, Math.Max(1, backend.Plan.Limit / 3), LimitBound);
        var took = Clock.Since(asked);
        await WaitAsync(time);
        await cluster.SetLimitAsync(backend, backend.Plan.Limit, LimitBound);
        return took;
    }

    private async Task<TimeSpan?> OnLinksAsync(FaultPlan plan, string target)
    {
        var links = LinksOf(plan, target).ToArray();
        foreach (var (link, ways) in links)
        {
            Break(plan, link, ways);
        }

        await WaitAsync(plan.For);
        foreach (var (link, _) in links)
        {
            // A partition that ends delivers what was sent; a device that forgot its connections resets them. Both happen.
            link.Heal(deliver: (int)plan.For.TotalMilliseconds % 2 == 0);
        }

        return null;
    }

    private static void Break(FaultPlan plan, ILink link, Ways ways)
    {
        switch (plan.Kind)
        {
            case FaultKind.CutFrontendSilo or FaultKind.CutSiloSilo or FaultKind.CutSiloDatabase:
                link.Cut();
                break;
            case FaultKind.DelayFrontendSilo:
                link.Delay(TimeSpan.FromMilliseconds(50 + (plan.For.TotalSeconds * 30)), TimeSpan.FromMilliseconds(100));
                break;
            default:
                link.BlackHole(ways);
                break;
        }
    }

    // Between two silos each has connections of its own to the other; what is 'there' on the ones is 'back' on the others.
    private IEnumerable<(ILink Link, Ways Ways)> LinksOf(FaultPlan plan, string target) => plan.Kind switch
    {
        FaultKind.IsolateFrontend => cluster.Silos.Select(silo => (cluster.Network.Link(target, silo.Name), Ways.Both)),
        FaultKind.CutSiloDatabase or FaultKind.BlackHoleSiloDatabase => [(cluster.Network.Link(target, INetwork.Database), Ways.Both)],
        FaultKind.CutSiloSilo or FaultKind.BlackHoleSiloSilo =>
            [(cluster.Network.Link(target, plan.Other), plan.Ways), (cluster.Network.Link(plan.Other, target), Mirrored(plan.Ways))],
        _ => [(cluster.Network.Link(target, plan.Other), plan.Ways)],
    };

    private static Ways Mirrored(Ways ways) => ways switch
    {
        Ways.There => Ways.Back,
        Ways.Back => Ways.There,
        _ => ways,
    };
}
