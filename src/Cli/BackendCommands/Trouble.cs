using Admission.Cli.Output;
using Admission.Cli.Simulate;

namespace Admission.Cli.BackendCommands;

/// <summary>What is wrong with a backend, the worst first.</summary>
/// <param name="Score">The higher, the worse; 0 for nothing.</param>
/// <param name="Level">How bad the worst is.</param>
/// <param name="Reasons">What it is.</param>
internal sealed record Trouble(int Score, Level Level, IReadOnlyList<string> Reasons)
{
    /// <summary>Fewer than that round to none.</summary>
    private const double LeastRate = 0.005;

    /// <summary>Of a backend.</summary>
    public static Trouble Of(Standing backend)
    {
        var found = Find(backend).OrderByDescending(each => each.Score).ToArray();
        return found.Length == 0 ? new Trouble(0, Level.None, []) : new Trouble(found[0].Score, found[0].Level, [.. found.Select(each => each.Reason)]);
    }

    private static IEnumerable<(int Score, Level Level, string Reason)> Find(Standing backend)
    {
        if (backend.Status == "not-protected")
        {
            yield break;
        }

        if (backend.Status == "unreachable")
        {
            yield return (1000, Level.Bad, $"unreachable{(backend.Error is { } error ? $": {error}" : "")}");
        }
        else if (backend.Status != "granting")
        {
            yield return (900, Level.Bad, backend.Status);
        }

        var notInService = backend.Withheld + backend.Drained;
        if (notInService > 0 && notInService == backend.Destinations)
        {
            yield return (800, Level.Bad, "no destination in service");
        }
        else if (backend.Withheld > 0)
        {
            yield return (400, Level.Watch, $"{backend.Withheld} of {backend.Destinations} destinations withheld");
        }

        if (backend.IsPaused)
        {
            yield return (700, Level.Watch, "paused");
        }

        if (backend.Refusals > LeastRate)
        {
            yield return (600, Level.Bad, $"refuses {Figures.Number(backend.Refusals.Value)}/s");
        }

        if (backend.Waiting > 0 && backend.Waiting >= backend.Places)
        {
            yield return (500, Level.Bad, "queue full");
        }

        if (backend.Quarantined > 0)
        {
            yield return (300, Level.Watch, $"{backend.Quarantined} quarantined");
        }

        if (backend.Drained > 0 && notInService < backend.Destinations)
        {
            yield return (250, Level.Watch, $"{backend.Drained} of {backend.Destinations} destinations drained");
        }

        if (backend.SaturatedFor is { } saturated && backend.Limit > 0)
        {
            yield return (200, Level.Watch, $"saturated for {Ages.Of(saturated)}");
        }
        else if (backend.Waiting > 0)
        {
            yield return (150, Level.Watch, $"{Figures.Count(backend.Waiting.Value)} waiting");
        }
    }
}
