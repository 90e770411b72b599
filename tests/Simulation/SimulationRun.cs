using System.Globalization;

namespace Admission.Simulation;

/// <summary>What came of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">What went wrong in the run.</param>
/// <param name="Steps">Events processed.</param>
/// <param name="Promise">The promise that was broken; null when all were kept.</param>
/// <param name="Report">What happened, for people; null when nothing did.</param>
internal sealed record RunResult(ulong Seed, Profile Profile, long Steps, string? Promise, string? Report);

/// <summary>Runs one seed from its beginning to its end.</summary>
internal static class SimulationRun
{
    public static RunResult Run(ulong seed, long steps, Profile? profile = null, Tamper? tamper = null, Func<Scenario, Scenario>? sharpen = null)
    {
        var scenario = ScenarioGenerator.Draw(seed, profile);
        scenario = sharpen is null ? scenario : sharpen(scenario);
        World? world = null;
        try
        {
            world = new World(scenario, tamper ?? Tamper.None);
            world.Run(steps);
            return new RunResult(seed, scenario.Profile, world.Steps, null, null);
        }
        catch (Exception broken)
        {
            var promise = broken is BrokenPromiseException { Promise: var kept } ? kept : broken.GetType().Name;
            var report = string.Create(CultureInfo.InvariantCulture, $"""
                {broken.Message}
                seed {seed}, profile {scenario.Profile}, step {world?.Steps}, {scenario.Holders} holders
                replay: ADMISSION_SIM_SEED={seed}{(profile is null ? "" : $" ADMISSION_SIM_PROFILE={profile}")} ADMISSION_SIM_STEPS={steps}
                {scenario}
                {world?.Trace}
                {(broken is BrokenPromiseException ? "" : broken)}
                """);
            return new RunResult(seed, scenario.Profile, world?.Steps ?? 0, promise, report);
        }
    }
}
