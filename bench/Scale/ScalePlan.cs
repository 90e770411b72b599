namespace Admission.Scale;

/// <summary>The clusters that are simulated.</summary>
internal static class ScalePlan
{
    /// <summary>Half of the limit in use: nobody has to wait, if the permits are where the requests are.</summary>
    public const double Half = 0.5;

    /// <summary>More than can be served: somebody always waits.</summary>
    public const double Over = 1.2;

    private static readonly int[] Frontends = [10, 100, 1_000, 10_000];
    private static readonly int[] Limits = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    public static IEnumerable<ScalePoint> Uncontended(int largest) => Grid(largest, Half);

    public static IEnumerable<ScalePoint> Contended(int largest) => Grid(largest, Over);

    /// <summary>Nearly as much as can be served: how long they wait, beside the ideal.</summary>
    public static IEnumerable<ScalePoint> Busy =>
        from limit in (int[])[10, 100, 1_000]
        from frontends in (int[])[10, 1_000]
        select new ScalePoint(frontends, limit, Demand.NineTenths, 0.9);

    /// <summary>Between two places, rather than in one.</summary>
    public static IEnumerable<ScalePoint> SlowNetwork =>
        from load in (double[])[Half, Over]
        from limit in (int[])[10, 100, 1_000]
        from frontends in (int[])[10, 1_000]
        select new ScalePoint(frontends, limit, Demand.NineTenths, load) { RoundTripMs = 5 };

    private static IEnumerable<ScalePoint> Grid(int largest, double load) =>
        from demand in (Demand[])[Demand.NineTenths, Demand.Zipf]
        from limit in Limits
        from frontends in Frontends
        let point = new ScalePoint(frontends, limit, demand, load)
        where limit <= largest && IsBounded(point)
        select point;

    /// <summary>The largest limits have millions of requests in a few seconds: what would take minutes more is left out.</summary>
    private static bool IsBounded(ScalePoint point) => (point.Limit, point.Load <= Half) switch
    {
        ( <= 1_000, _) => true,
        (10_000, true) => true,
        (10_000, _) => point.Demand == Demand.NineTenths && point.Frontends < Frontends[^1],
        (100_000, true) => point.Demand == Demand.NineTenths,
        (100_000, _) => point.Demand == Demand.NineTenths && point.Frontends == Frontends[0],
        var (_, isHalf) => isHalf && point.Demand == Demand.NineTenths && (point.Frontends == Frontends[0] || point.Frontends == Frontends[^1]),
    };
}
