using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Admission.Simulation;

public class SimulationTests(ITestOutputHelper output)
{
    /// <summary>So many are enough to see what they have in common.</summary>
    private const int MostFailures = 20;

    private static readonly long Steps = Setting("ADMISSION_SIM_STEPS", 5_000);
    private static readonly long Seeds = Setting("ADMISSION_SIM_SEEDS", 2_000);
    private static readonly long Minutes = Setting("ADMISSION_SIM_MINUTES", 0);
    private static readonly long FirstSeed = Setting("ADMISSION_SIM_FIRST", 1);
    private static readonly Profile? Only = Environment.GetEnvironmentVariable("ADMISSION_SIM_PROFILE") is { Length: > 0 } name ? Enum.Parse<Profile>(name) : null;

    [Fact]
    public void Promises_hold_for_every_seed()
    {
        if (Environment.GetEnvironmentVariable("ADMISSION_SIM_SEED") is { Length: > 0 } only)
        {
            var result = SimulationRun.Run(ulong.Parse(only, CultureInfo.InvariantCulture), Steps, Only);
            output.WriteLine($"seed {result.Seed}, profile {result.Profile}, {result.Steps} steps");
            Assert.True(result.Report is null, result.Report);
            return;
        }

        var watch = Stopwatch.StartNew();
        var budget = TimeSpan.FromMinutes(Minutes);
        var steps = 0L;
        var runs = 0L;
        var begun = 0L;
        var failures = new ConcurrentQueue<RunResult>();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (failures.Count < MostFailures && (Minutes == 0 || watch.Elapsed < budget))
            {
                var run = Interlocked.Increment(ref begun);
                if (Minutes == 0 && run > Seeds)
                {
                    return;
                }

                var result = SimulationRun.Run((ulong)(FirstSeed + run - 1), Steps, Only);
                Interlocked.Increment(ref runs);
                Interlocked.Add(ref steps, result.Steps);
                if (result.Promise is not null)
                {
                    failures.Enqueue(result);
                }
            }
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{runs} seeds, {steps} steps in {watch.Elapsed.TotalSeconds:F1} s: {watch.Elapsed.TotalMicroseconds * Environment.ProcessorCount / steps:F1} us per step and core"));
        foreach (var failure in failures.OrderBy(failure => failure.Steps))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"seed {failure.Seed} {failure.Profile} step {failure.Steps}: {failure.Report!.AsSpan(0, failure.Report!.IndexOf('\n', StringComparison.Ordinal))}"));
        }

        // The shortest story is the easiest to read.
        var shortest = failures.MinBy(failure => failure.Steps);
        Assert.True(shortest is null, shortest?.Report);
    }

    /// <summary>Beyond those of <see cref="Promises_hold_for_every_seed"/>: a light ticket refused for want of permits that a refused heavy one had left.</summary>
    [Theory]
    [InlineData(20_297)]
    public void What_once_broke_a_promise_does_not_any_more(ulong seed)
    {
        var result = SimulationRun.Run(seed, 5_000);
        Assert.True(result.Report is null, result.Report);
    }

    [Fact]
    public void A_seed_replays_exactly()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            SimulationRun.Run(seed, 2_000).ShouldBe(SimulationRun.Run(seed, 2_000));
        }
    }

    private static long Setting(string name, long otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
