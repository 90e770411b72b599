using System.Globalization;

namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>
/// How long the drawn faults run: a short selection, or, with <c>ADMISSION_SOAK=1h</c> (or 10m), as long as that, in runs of at most ten minutes with
/// the seeds from <c>ADMISSION_SOAK_SEED</c> (default 1) on. <c>ADMISSION_SOAK_KINDS=StopSilo,KillSilo</c> draws only those.
/// </summary>
internal static class SoakSetting
{
    private static readonly TimeSpan MostAtOnce = TimeSpan.FromMinutes(10);

    public static bool IsSoak => Environment.GetEnvironmentVariable("ADMISSION_SOAK") is { Length: > 0 };

    /// <summary>The kinds to draw; null: all.</summary>
    public static IReadOnlyCollection<FaultKind>? Kinds =>
        Environment.GetEnvironmentVariable("ADMISSION_SOAK_KINDS") is { Length: > 0 } kinds ? [.. kinds.Split(',').Select(Enum.Parse<FaultKind>)] : null;

    /// <summary>The runs: seed, and how long faults are drawn for.</summary>
    /// <param name="selection">What is run without a soak.</param>
    public static IReadOnlyList<(int Seed, TimeSpan Duration)> Runs(params (int Seed, TimeSpan Duration)[] selection)
    {
        if (!IsSoak)
        {
            return selection;
        }

        var left = Parse(Environment.GetEnvironmentVariable("ADMISSION_SOAK")!);
        var seed = int.Parse(Environment.GetEnvironmentVariable("ADMISSION_SOAK_SEED") ?? "1", CultureInfo.InvariantCulture);
        var runs = new List<(int, TimeSpan)>();
        for (; left > TimeSpan.Zero; left -= MostAtOnce)
        {
            runs.Add((seed++, left < MostAtOnce ? left : MostAtOnce));
        }

        return runs;
    }

    /// <summary>Reads 1h, 10m or 90s.</summary>
    public static TimeSpan Parse(string text)
    {
        var number = double.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            'h' => TimeSpan.FromHours(number),
            'm' => TimeSpan.FromMinutes(number),
            's' => TimeSpan.FromSeconds(number),
            _ => throw new FormatException($"ADMISSION_SOAK={text}: write 1h, 10m or 90s."),
        };
    }
}
