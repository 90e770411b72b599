using System.Globalization;

namespace Admission.Capacity.Tests;

/// <summary>
/// Limits that find themselves, on servers whose capacity doubles and then falls to a quarter: within 20 s of each step, averaged from then on, they are within 10 % of the
/// best, or within one of it.
/// </summary>
/// <remarks>The best is the capacity: fewer leave a worker idle, more only wait. More clients than can be served want in all the time.</remarks>
public class LimitConvergenceTests
{
    private const double Phase = 40;
    private const double Settling = 20;

    public static TheoryData<LimitAlgorithm, string, int> Cases()
    {
        var cases = new TheoryData<LimitAlgorithm, string, int>();
        foreach (var algorithm in new[] { LimitAlgorithm.Gradient2, LimitAlgorithm.Aimd, LimitAlgorithm.Vegas })
        {
            foreach (var server in new[] { "workers", "sharing" })
            {
                foreach (var capacity in server == "workers" ? new[] { 1, 4, 8, 16, 100, 1000 } : [1, 4, 8, 16, 100])
                {
                    cases.Add(algorithm, server, capacity);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_limit_is_within_a_tenth_of_the_best_20_s_after_each_step(LimitAlgorithm algorithm, string kind, int capacity)
    {
        var (lab, server) = Begin(algorithm, kind, capacity);
        var failures = new List<string>();
        foreach (var step in Steps(capacity))
        {
            server.SetCapacity(lab.Now, step);
            var seen = lab.Run(Phase, Settling);
            var line = string.Create(CultureInfo.InvariantCulture, $"capacity {step}: limit {seen.MeanLimit:0.00}, near for {seen.Near:0%}, work {seen.Work:0.00}");
            Output(algorithm, kind, line);
            if (Math.Abs(seen.MeanLimit - step) > Math.Max(1, 0.1 * step) || seen.Work < LeastWork(step))
            {
                failures.Add(line);
            }
        }

        Write(lab, $"{algorithm}-{kind}-{capacity}");
        failures.ShouldBeEmpty();
    }

    /// <summary>With few workers a limit that is one too low for a moment costs much of the work.</summary>
    private static double LeastWork(int capacity) => capacity < 4 ? 0.65 : 0.8;

    internal static int[] Steps(int capacity) => [capacity, 2 * capacity, Math.Max(1, capacity / 2)];

    internal static (LimitLab Lab, SimulatedServer Server) Begin(LimitAlgorithm algorithm, string kind, int capacity)
    {
        var serviceTime = capacity >= 1000 ? 0.2 : 0.05;
        SimulatedServer server = kind == "workers" ? new WorkerServer(serviceTime, 1) : new SharingServer(serviceTime, 1);
        server.SetCapacity(0, capacity);
        var policy = new BackendPolicy
        {
            Limit = 10_000,
            Adaptive = new AdaptiveLimit { Algorithm = algorithm, Initial = capacity >= 1000 ? 100 : null },
            Overflow = Overflow.Wait,
            QueueCapacity = 100_000,
            MaxWait = TimeSpan.FromHours(1),
        };
        var lab = new LimitLab(policy, server, 1);
        lab.AddClients((3 * capacity) + 20);
        return (lab, server);
    }

    private static void Output(LimitAlgorithm algorithm, string kind, string line)
    {
        if (Environment.GetEnvironmentVariable("LIMIT_CURVES") is { Length: > 0 } folder)
        {
            File.AppendAllText(Path.Combine(folder, "table.txt"), $"{algorithm} {kind} {line}\n");
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
