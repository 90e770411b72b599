using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Processes;

namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>Draws faults from a seed: the same seed gives the same schedule.</summary>
/// <remarks>
/// A fault begins every 8 to 14 s. At most two are there at once, and never two of the same target, so that the cluster always has something left to be right with;
/// each is healed before the schedule's end.
/// </remarks>
internal static class FaultSchedule
{
    private static readonly (FaultKind Kind, int Weight)[] Weights =
    [
        (FaultKind.KillSilo, 4), (FaultKind.KillFrontend, 4), (FaultKind.HangSilo, 3), (FaultKind.HangFrontend, 3), (FaultKind.StopSilo, 2), (FaultKind.StopFrontend, 2),
        (FaultKind.CutFrontendSilo, 2), (FaultKind.BlackHoleFrontendSilo, 2), (FaultKind.DelayFrontendSilo, 2), (FaultKind.IsolateFrontend, 2),
        (FaultKind.CutSiloSilo, 2), (FaultKind.BlackHoleSiloSilo, 2), (FaultKind.CutSiloDatabase, 1), (FaultKind.BlackHoleSiloDatabase, 2),
        (FaultKind.StopDatabase, 1), (FaultKind.KillDatabase, 1), (FaultKind.HangDatabase, 1), (FaultKind.KillBackend, 2), (FaultKind.ChangeLimit, 3),
    ];

    // What a network between namespaces does not do.
    private static readonly FaultKind[] NeedsProxies = [FaultKind.DelayFrontendSilo, FaultKind.CutFrontendSilo, FaultKind.CutSiloSilo, FaultKind.CutSiloDatabase];

    /// <summary>Draws a schedule.</summary>
    /// <param name="seed">What it depends on, beside the plan.</param>
    /// <param name="plan">Who there is.</param>
    /// <param name="duration">Its length.</param>
    /// <param name="only">Only these kinds; null: all.</param>
    public static IReadOnlyList<FaultPlan> Draw(int seed, ClusterPlan plan, TimeSpan duration, IReadOnlyCollection<FaultKind>? only = null)
    {
        var random = new Random(seed);
        var weights = Weights.Where(each => only is null || only.Contains(each.Kind)).Where(each => !plan.ManyHosts || !NeedsProxies.Contains(each.Kind)).ToArray();
        var drawn = new List<FaultPlan>();
        var at = TimeSpan.FromSeconds(2);
        while (at < duration && weights.Length > 0)
        {
            var fault = Next(random, Weighted(random, weights), plan, at);
            var overlapping = drawn.Where(earlier => earlier.Healed > at).ToArray();
            if (overlapping.Length < 2 && fault.Healed <= duration && !overlapping.Any(earlier => Touches(earlier, fault)))
            {
                drawn.Add(fault);
                at += TimeSpan.FromSeconds(Between(random, 8, 14));
            }
            else
            {
                at += TimeSpan.FromSeconds(1);
            }
        }

        return drawn;
    }

    private static bool Touches(FaultPlan one, FaultPlan other) =>
        one.Target == other.Target || (one.Other != "" && one.Other == other.Other) || one.Target == other.Other || one.Other == other.Target
        || (IsOfDatabase(one.Kind) && IsOfDatabase(other.Kind)) || (IsOfSilo(one.Kind) && IsOfSilo(other.Kind) && (IsByOwner(one) || IsByOwner(other)));

    private static bool IsByOwner(FaultPlan fault) => fault.Target.StartsWith(FaultRunner.OwnerOf, StringComparison.Ordinal);

    private static bool IsOfSilo(FaultKind kind) => kind is FaultKind.KillSilo or FaultKind.HangSilo or FaultKind.StopSilo
        or FaultKind.CutSiloSilo or FaultKind.BlackHoleSiloSilo or FaultKind.CutSiloDatabase or FaultKind.BlackHoleSiloDatabase;

    private static bool IsOfDatabase(FaultKind kind) => kind is FaultKind.StopDatabase or FaultKind.KillDatabase or FaultKind.HangDatabase or FaultKind.CutSiloDatabase or FaultKind.BlackHoleSiloDatabase;

    private static FaultPlan Next(Random random, FaultKind kind, ClusterPlan plan, TimeSpan at)
    {
        var silos = plan.SiloNames.OrderBy(_ => random.Next()).ToArray();
        var frontend = plan.FrontendNames.ElementAt(random.Next(plan.Frontends));
        var backend = plan.Backends[random.Next(plan.Backends.Count)].Id;
        var owner = random.Next(2) == 0 ? $"{FaultRunner.OwnerOf}{backend}" : silos[0];
        var ways = (Ways)random.Next(1, 4);
        var brief = TimeSpan.FromSeconds(Between(random, 1, 5));
        var medium = TimeSpan.FromSeconds(Between(random, 3, 15));
        var hang = TimeSpan.FromSeconds(Between(random, 5, 40));
        var database = TimeSpan.FromSeconds(Between(random, 5, 30));
        return kind switch
        {
            FaultKind.KillSilo or FaultKind.StopSilo => new(at, brief, kind, owner),
            FaultKind.HangSilo => new(at, hang, kind, owner),
            FaultKind.KillFrontend or FaultKind.StopFrontend => new(at, brief, kind, frontend),
            FaultKind.HangFrontend => new(at, hang, kind, frontend),
            FaultKind.CutFrontendSilo or FaultKind.DelayFrontendSilo => new(at, medium, kind, frontend, silos[0]),
            FaultKind.BlackHoleFrontendSilo => new(at, medium, kind, frontend, silos[0], ways),
            FaultKind.IsolateFrontend => new(at, medium, kind, frontend),
            FaultKind.CutSiloSilo => new(at, medium, kind, silos[0], silos[1]),
            FaultKind.BlackHoleSiloSilo => new(at, medium, kind, silos[0], silos[1], ways),
            FaultKind.CutSiloDatabase or FaultKind.BlackHoleSiloDatabase => new(at, medium, kind, silos[0]),
            FaultKind.StopDatabase or FaultKind.KillDatabase or FaultKind.HangDatabase => new(at, database, kind, INetwork.Database),
            FaultKind.KillBackend => new(at, brief, kind, backend),
            FaultKind.ChangeLimit => new(at, medium, kind, plan.Backends.Where(each => each.Limit > 1).ElementAt(random.Next(plan.Backends.Count(each => each.Limit > 1))).Id),
            _ => throw new InvalidOperationException($"{kind}"),
        };
    }

    private static FaultKind Weighted(Random random, (FaultKind Kind, int Weight)[] weights)
    {
        var left = random.Next(weights.Sum(each => each.Weight));
        return weights.First(each => (left -= each.Weight) < 0).Kind;
    }

    private static double Between(Random random, double from, double to) => from + ((to - from) * random.NextDouble());
}
