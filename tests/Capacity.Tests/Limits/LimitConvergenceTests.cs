using System.Globalization;

namespace Admission.Capacity.Tests;

/// <summary>
/// Limits that find themselves, on servers whose capacity doubles and then falls to a quarter. From 20 s after each step on, the limit's average is within one permit or 10 % of the best,
/// whichever is more, in every case. Chance decides about one case in a hundred otherwise; docs/algorithms.md has the table, how often with other seeds, and why.
/// </summary>
/// <remarks>The best is the capacity: fewer leave a worker idle, more only wait. More clients than can be served want in all the time.</remarks>
public class LimitConvergenceTests
{
    private const double Phase = 40;
    private const double Settling = 20;

    /// <summary>1, or what the environment says: how much is chance.</summary>
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("LIMIT_SEED") ?? "1", CultureInfo.InvariantCulture);

    // The largest takes as long as all others together.
    private static readonly int[] Capacities = Soak.IsOn ? [1, 4, 8, 16, 100, 1000] : [1, 4, 8, 16, 100];

    public static TheoryData<LimitAlgorithm> Algorithms => [LimitAlgorithm.Gradient2, LimitAlgorithm.Aimd, LimitAlgorithm.Vegas];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_limit_is_within_a_tenth_of_the_best_20_s_after_a_step(LimitAlgorithm algorithm)
    {
        var settings = Capacities.Select(each => (Kind: "workers", Capacity: each)).Concat(Capacities.SkipLast(1).Select(each => (Kind: "sharing", Capacity: each)));
        var phases = settings.AsParallel().AsOrdered().SelectMany(each => Run(algorithm, each.Kind, each.Capacity)).ToList();
        foreach (var (line, _, _, work) in phases)
        {
            Output(line);
            work.ShouldBeGreaterThan(0.65, line);
        }

        var missed = phases.Where(phase => phase.Off > Math.Max(1, 0.1 * phase.Step)).Select(phase => phase.Line).ToList();
        missed.ShouldBeEmpty();
    }

    private static List<(string Line, int Step, double Off, double Work)> Run(LimitAlgorithm algorithm, string kind, int capacity)
    {
        var phases = new List<(string, int, double, double)>();
        var (lab, server) = Begin(algorithm, kind, capacity);
        foreach (var step in Steps(capacity))
        {
            server.SetCapacity(lab.Now, step);
            var seen = lab.Run(Phase, Settling);
            var line = string.Create(
                CultureInfo.InvariantCulture, $"{algorithm} {kind} {capacity} at {step}: limit {seen.MeanLimit:0.0}, near it {seen.Near:0%}, work {seen.Work:0.00}");
            phases.Add((line, step, Math.Abs(seen.MeanLimit - step), seen.Work));
        }

        Write(lab, $"{algorithm}-{kind}-{capacity}");
        return phases;
    }

    internal static int[] Steps(int capacity) => [capacity, 2 * capacity, Math.Max(1, capacity / 2)];

    internal static (LimitLab Lab, SimulatedServer Server) Begin(LimitAlgorithm algorithm, string kind, int capacity)
    {
        var serviceTime = capacity >= 1000 ? 0.2 : 0.05;
        SimulatedServer server = kind == "workers" ? new WorkerServer(serviceTime, Seed) : new SharingServer(serviceTime, Seed);
        server.SetCapacity(0, capacity);
        var policy = new BackendPolicy
        {
            Limit = 10_000,
            Adaptive = new AdaptiveLimit { Algorithm = algorithm, Initial = capacity >= 1000 ? 100 : null },
            Overflow = Overflow.Wait,
            QueueCapacity = 100_000,
            MaxWait = TimeSpan.FromHours(1),
        };
        var lab = new LimitLab(policy, server, Seed);
        lab.AddClients((3 * capacity) + 20);
        return (lab, server);
    }

    private static void Output(string line)
    {
        if (Environment.GetEnvironmentVariable("LIMIT_CURVES") is { Length: > 0 } folder)
        {
            File.AppendAllText(Path.Combine(folder, "table.txt"), line + "\n");
        }
    }

    /// <summary>For docs/plot-limits.py: the limit over time, if the environment says where to.</summary>
    private static void Write(LimitLab lab, string name)
    {
        if (Environment.GetEnvironmentVariable("LIMIT_CURVES") is { Length: > 0 } folder)
        {
            File.WriteAllLines(
                Path.Combine(folder, name + ".csv"),
                lab.Curve.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.At:0.00},{point.Limit},{point.Capacity}")));
        }
    }
}
