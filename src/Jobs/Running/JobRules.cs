using System.Globalization;

namespace Admission.Jobs.Running;

/// <summary>What follows from a try: the pure part of running jobs.</summary>
/// <remarks>
/// An answer is a result, whatever its status, but for 502, 503 and 504, which say that the backend, or something before it, could not. Those and failures to get an answer are
/// tried again after <c>FirstDelay</c>, twice that, and so on to <c>LongestDelay</c>, each up to a fifth longer (by a hash of job and attempt, so that jobs which failed together do
/// not come back together); later if <c>Retry-After</c> says so. With the last attempt the job is a dead letter, and its last failure its result.
/// </remarks>
internal static class JobRules
{
    private const int Scatter = 5;

    /// <summary>What to record; null if there is nothing to record, because the try is to be repeated.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="run">The try.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="now">When it ended.</param>
    public static JobEnd? Decide(JobClaim claim, JobRun run, JobPolicy policy, DateTimeOffset now) => run.Kind switch
    {
        JobRunKind.Answered when !IsRetried(run.Result!.Status) => new JobEnd(JobState.Done, policy.ResultTtl) { Attempt = Attempt(run, now), Result = run.Result },
        JobRunKind.Answered or JobRunKind.Failed => Failed(claim, run, policy, now),
        JobRunKind.Impossible => new JobEnd(JobState.Dead, policy.ResultTtl) { Attempt = Attempt(run, now), Result = run.Result },
        JobRunKind.GivenUp => new JobEnd(JobState.Queued, TimeSpan.Zero),
        _ => null,
    };

    /// <summary>The pause after an attempt.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="attempt">The number of the attempt that failed, from 1.</param>
    /// <param name="id">The job, for the scatter.</param>
    /// <param name="retryAfter">What the backend has said.</param>
    public static TimeSpan Pause(JobPolicy policy, int attempt, string id, TimeSpan? retryAfter)
    {
        var doublings = Math.Min(attempt - 1, 40);
        var ticks = Math.Min(policy.LongestDelay.Ticks, policy.FirstDelay.Ticks * Math.Pow(2, doublings));
        var share = (Hash(id) + (uint)attempt * 2_654_435_769u) / (double)uint.MaxValue % 1;
        var pause = TimeSpan.FromTicks((long)(ticks * (1 + (share / Scatter))));
        return retryAfter is { } asked && asked > pause ? (asked < policy.LongestDelay ? asked : policy.LongestDelay) : pause;
    }

    /// <summary>A job that is taken up although it has had all its attempts, because gateways were lost with it.</summary>
    public static JobEnd GivenUp(JobPolicy policy) => new(JobState.Dead, policy.ResultTtl)
    {
        Result = JobReasons.Problem(
            502, JobReasons.TooManyAttempts, "The job has failed as often as it may", "The gateways that ran it were lost each time, so it is not known what the backend did."),
    };

    /// <summary>A job whose time has run out before it could be sent.</summary>
    public static JobEnd Expired(DateTimeOffset now) => new(JobState.Dead, JobReasons.KeepExpired)
    {
        Attempt = new JobAttempt(now, now, null, JobReasons.Expired), CountsAttempt = false, Result = JobReasons.ExpiredResult,
    };

    private static bool IsRetried(int status) => status is 502 or 503 or 504;

    private static JobEnd Failed(JobClaim claim, JobRun run, JobPolicy policy, DateTimeOffset now)
    {
        var attempt = claim.Attempts + 1;
        return attempt >= policy.Attempts
            ? new JobEnd(JobState.Dead, policy.ResultTtl) { Attempt = Attempt(run, now), Result = run.Result }
            : new JobEnd(JobState.Delayed, Pause(policy, attempt, claim.Id, run.RetryAfter)) { Attempt = Attempt(run, now) };
    }

    private static JobAttempt Attempt(JobRun run, DateTimeOffset now) =>
        new(run.Started, now, run.Result?.Status, run.Reason ?? (IsRetried(run.Result?.Status ?? 0) ? "status-" + run.Result!.Status.ToString(CultureInfo.InvariantCulture) : null), run.Destination);

    // FNV-1a: the same in every process, which string.GetHashCode is not.
    private static uint Hash(string text)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 16_777_619u;
        }

        return hash;
    }
}
