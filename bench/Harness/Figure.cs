namespace Admission.Bench;

/// <summary>What several runs of one measurement gave: the median, and between what it lay.</summary>
public readonly record struct Figure(double Median, double Least, double Most)
{
    public static Figure Of(IEnumerable<double> runs)
    {
        var sorted = runs.Order().ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException("A figure needs at least one run.", nameof(runs));
        }

        var middle = sorted.Length / 2;
        return new(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }

    /// <summary>The ratio to a peer, run by run, because what is noisy in a round is noisy for both: <paramref name="runs"/> and <paramref name="peer"/> are in the order of the rounds.</summary>
    public static Figure Ratio(IReadOnlyList<double> runs, IReadOnlyList<double> peer) =>
        runs.Count == peer.Count ? Of(runs.Select((run, round) => run / peer[round])) : throw new ArgumentException("Each round needs both.", nameof(peer));

    /// <summary>"12.3 (11.9 to 13.0)".</summary>
    public string ToText(string format = "0.##") =>
        $"{Median.ToString(format)} ({Least.ToString(format)} to {Most.ToString(format)})";
}
