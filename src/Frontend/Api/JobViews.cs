using Admission.Frontend.Deferring;
using Admission.Frontend.Problems;
using Admission.Jobs;

namespace Admission.Frontend.Api;

/// <summary>A job. Durations are in seconds.</summary>
/// <param name="Id">Its id; in a list for viewers its beginning, which opens nothing.</param>
/// <param name="Backend">Its backend.</param>
/// <param name="Tenant">Its tenant; null for none.</param>
/// <param name="State">Queued, delayed, running, done, dead or cancelled.</param>
/// <param name="Ahead">Jobs that are taken up before it; while it is queued.</param>
/// <param name="ExpectedStart">Until it is taken up, at the pace of the last minute; null where that is not known.</param>
/// <param name="Accepted">When it was stored.</param>
/// <param name="Due">When the next attempt may begin; while it is delayed.</param>
/// <param name="Finished">When it got its result, or was cancelled.</param>
/// <param name="Expires">Unfinished: when it becomes a dead letter. Finished: when it is deleted.</param>
/// <param name="Attempts">The attempts so far.</param>
/// <param name="Result">Where the result is, and its status.</param>
internal sealed record JobView(
    string Id, string Backend, string? Tenant, string State, long? Ahead, double? ExpectedStart, DateTimeOffset Accepted, DateTimeOffset? Due, DateTimeOffset? Finished,
    DateTimeOffset Expires, IReadOnlyList<JobAttempt> Attempts, JobResultView? Result)
{
    /// <summary>Describes a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="place">Its place, while it is queued.</param>
    public static JobView Of(JobRecord job, JobPlace? place = null) => new(
        job.Id, job.Backend, job.Tenant.Length == 0 ? null : job.Tenant, KebabCase.Of(job.State), place?.Ahead, place?.ExpectedStart?.TotalSeconds,
        Time(job.AcceptedAt), job.State == JobState.Delayed ? Time(job.DueAt) : null, job.FinishedAt is { } finished ? Time(finished) : null, Time(job.ExpiresAt),
        JobAttempt.Parse(job.History), job.ResultStatus is { } status ? new JobResultView(status, JobAddress.ResultOf(job.Id)) : null);

    /// <summary>The same for one who may look and no more: whoever has the whole id of a job without an owner can cancel it and read its result.</summary>
    public JobView WithoutAddress() => this with { Id = JobId.Short(Id), Result = Result is null ? null : Result with { Href = null } };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <summary>Where a result is.</summary>
/// <param name="Status">The answer's status.</param>
/// <param name="Href">Where the whole answer is; null in a list for one who may not open it.</param>
internal sealed record JobResultView(int Status, string? Href);

/// <summary>A page of jobs, the newest first.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">Where the next page is; null for the last.</param>
internal sealed record JobListView(IReadOnlyList<JobView> Jobs, string? Next);
