using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>Says what is not as promised of one job that was answered 202 and has a result.</summary>
internal static class JobJudge
{
    /// <summary>All that is wrong, in words.</summary>
    /// <param name="job">The job, with what its client saw.</param>
    /// <param name="result">Its result as a frontend tells it.</param>
    /// <param name="again">As another one does.</param>
    /// <param name="starts">When its backend began to work on it.</param>
    /// <param name="failedAttempts">How many of its attempts have failed, by its own record.</param>
    /// <param name="outages">When frontends were lost, or could not keep what they had taken up.</param>
    public static IEnumerable<string> FaultsOf(
        AcceptedJob job, JobResultSeen result, JobResultSeen again, IReadOnlyList<JournalEvent> starts, int failedAttempts, IEnumerable<Outage> outages)
    {
        if (result is not { State: "done", Status: 200 } || result.Body != job.Id)
        {
            yield return $"has a result that is not its own answer: {result}";
        }

        if (again != result)
        {
            yield return $"has the result {result} at one frontend, and {again} at another";
        }

        foreach (var (how, seen) in job.Seen.Where(each => each.Result != result))
        {
            yield return $"has the result {result}, and its client saw {seen} ({how})";
        }

        if (starts.Count == 0)
        {
            yield return "has a result, and its backend never saw it";
            yield break;
        }

        foreach (var strange in starts.Where(start => start.Key != job.Key))
        {
            yield return $"came with the key {strange.Key} and not with {job.Key}";
        }

        var meanwhile = outages.Count(outage => outage.From <= starts[^1].Time && outage.To >= starts[0].Time);
        if (failedAttempts + meanwhile < starts.Count - 1)
        {
            yield return $"was seen {starts.Count} times, and only {failedAttempts} attempts have failed and {meanwhile} frontends were lost meanwhile";
        }
    }
}
