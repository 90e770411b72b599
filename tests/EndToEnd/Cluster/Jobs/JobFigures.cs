using System.Globalization;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>What a fault run has shown of jobs.</summary>
/// <param name="Accepted">Requests that were answered 202.</param>
/// <param name="Served">Those that were answered at once.</param>
/// <param name="Refused">Those that were refused.</param>
/// <param name="Unclear">Those without an answer that says what became of them.</param>
/// <param name="Seen">Results that clients saw while faults went on.</param>
/// <param name="Repeated">Jobs that the backend saw more than once, each with its reason.</param>
/// <param name="Longest">The longest time, in seconds, from a 202 to the start of the work whose result was recorded.</param>
/// <param name="Faults">What is not as promised, in words.</param>
internal sealed record JobFigures(int Accepted, int Served, int Refused, int Unclear, int Seen, int Repeated, double Longest, IReadOnlyList<string> Faults)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Accepted} accepted, {Served} answered at once, {Refused} refused, {Unclear} unclear, {Seen} results seen, {Repeated} repeated, {Faults.Count} faults, at most {Longest:F1} s until the work began");
}
