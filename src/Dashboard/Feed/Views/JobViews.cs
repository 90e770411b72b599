namespace Admission.Dashboard.Feed;

/// <summary>How many jobs there are.</summary>
/// <param name="At">When this was found out.</param>
/// <param name="IsOn">Whether there are jobs at all: some backend defers requests, or in a silo the database has its tables.</param>
/// <param name="States">By backend and state.</param>
/// <param name="Problem">Why they are not counted; null if they are.</param>
public sealed record JobCounts(DateTimeOffset At, bool IsOn, IReadOnlyList<JobStateCount> States, string? Problem);

/// <summary>Jobs of a backend in a state.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="State"><c>queued</c>, <c>delayed</c>, <c>running</c>, <c>done</c>, <c>dead</c> or <c>cancelled</c>.</param>
/// <param name="Count">So many.</param>
/// <param name="OldestAge">How long ago the first of them was stored.</param>
public sealed record JobStateCount(string Backend, string State, long Count, TimeSpan OldestAge);

/// <summary>Which jobs.</summary>
public sealed record JobSearch
{
    /// <summary>Jobs on a page at most.</summary>
    public const int MostOnPage = 200;

    /// <summary>A job's whole id; then nothing else counts. Null for any.</summary>
    public string? Id { get; init; }

    /// <summary>Only those of this backend; null for all.</summary>
    public string? Backend { get; init; }

    /// <summary>Only those in this state: <c>queued</c>, <c>delayed</c>, <c>running</c>, <c>done</c>, <c>dead</c> or <c>cancelled</c>; null for all.</summary>
    public string? State { get; init; }

    /// <summary>Only those of this tenant; null for all.</summary>
    public string? Tenant { get; init; }

    /// <summary>From a former page's <see cref="JobsPage.Next"/>; null for the newest.</summary>
    public long? Before { get; init; }

    /// <summary>How many; 1 to <see cref="MostOnPage"/>, default 50.</summary>
    public int Most { get; init; } = 50;
}

/// <summary>A page of jobs, the newest first.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">For the next page; null after the last.</param>
/// <param name="Problem">Why there is none; null if there is one.</param>
public sealed record JobsPage(IReadOnlyList<JobRow> Jobs, long? Next, string? Problem);

/// <summary>A job.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Backend">Its backend.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="State"><c>queued</c>, <c>delayed</c>, <c>running</c>, <c>done</c>, <c>dead</c> or <c>cancelled</c>.</param>
/// <param name="Accepted">When it was stored.</param>
/// <param name="Due">When the next attempt may begin, while it is delayed.</param>
/// <param name="Finished">When it got its result.</param>
/// <param name="Expires">Unfinished: when it becomes a dead letter. Finished: when it is deleted.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ResultStatus">Its result's HTTP status; null for none.</param>
public sealed record JobRow(
    string Id, string Backend, string? Tenant, string State, DateTimeOffset Accepted, DateTimeOffset? Due, DateTimeOffset? Finished, DateTimeOffset Expires, int Attempts, int? ResultStatus)
{
    /// <summary>It can be cancelled.</summary>
    public bool CanCancel => State is "queued" or "delayed" or "running";

    /// <summary>It can be tried again.</summary>
    public bool CanRetry => State is "dead";
}

/// <summary>One job with its attempts.</summary>
/// <param name="Job">The job; null if there is none.</param>
/// <param name="Attempts">Its attempts, the first one first.</param>
/// <param name="Ahead">Jobs that are taken up before it, while it is queued.</param>
/// <param name="ExpectedStart">Until it is taken up, at the pace of the last minute; null where that is not known.</param>
/// <param name="Problem">Why there is none; null if there is one.</param>
public sealed record JobPage(JobRow? Job, IReadOnlyList<AttemptRow> Attempts, long? Ahead, TimeSpan? ExpectedStart, string? Problem);

/// <summary>One attempt of a job.</summary>
/// <param name="Started">When its request went to the backend, or was about to.</param>
/// <param name="Ended">When it was over.</param>
/// <param name="Status">The answer's status; null if there was none.</param>
/// <param name="Reason">Why it failed; null if it did not.</param>
/// <param name="Destination">Where it went; null where that is not known.</param>
public sealed record AttemptRow(DateTimeOffset Started, DateTimeOffset Ended, int? Status, string? Reason, string? Destination);

/// <summary>What has become of a job's retry or cancellation.</summary>
/// <param name="IsDone">It is done, durably.</param>
/// <param name="Problem">Why it is not; null if it is.</param>
public sealed record JobAnswer(bool IsDone, string? Problem);
