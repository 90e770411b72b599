using System.Text.Json;

namespace Admission.Jobs;

/// <summary>One try of a job, as it is recorded.</summary>
/// <param name="Started">When its request went to the backend, or was about to.</param>
/// <param name="Ended">When it was over.</param>
/// <param name="Status">The answer's status; null if there was none.</param>
/// <param name="Reason">Why it failed; null if it did not.</param>
/// <param name="Destination">Where it went; null where that is not known.</param>
internal sealed record JobAttempt(DateTimeOffset Started, DateTimeOffset Ended, int? Status, string? Reason, string? Destination = null)
{
    /// <summary>As a line of the job's history.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, JobJson.Options) + "\n";

    /// <summary>Reads a history.</summary>
    public static IReadOnlyList<JobAttempt> Parse(string history) =>
        [.. history.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JobAttempt>(line, JobJson.Options)!)];
}
