namespace Admission.Dashboard.Feed;

/// <summary>What an operator does on the dashboard. Who asks is the caller's to find out, and whether they may: each change is recorded under their name. Thread-safe.</summary>
public interface IDashboardDesk
{
    /// <summary>Changes a backend's policy while it runs, durably.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="version">The version of the policy that the operator has seen (<see cref="PolicyPage.Version"/>); at another one nothing is changed.</param>
    /// <param name="change">What to change.</param>
    /// <param name="by">Who: 1 to 100 characters, for the audit trail. What is longer is cut.</param>
    /// <param name="cancellation">Ends the wait; whether anything was changed is not known then.</param>
    /// <returns>What has become of it. Never throws for what the ledger says or does not say.</returns>
    Task<ChangeAnswer> ChangeAsync(string backend, long version, PolicyEdit change, string by, CancellationToken cancellation = default);

    /// <summary>Reads the last changes of all backends' policies by operators.</summary>
    /// <param name="most">Entries at most, 1 to 1,000.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<AuditPage> AuditAsync(int most, CancellationToken cancellation = default);

    /// <summary>Tells the last decisions of a backend, the newest first.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="before">Only those with a lower number: the next page. Null for the newest.</param>
    /// <param name="most">How many at most, 1 to 200.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The decisions, or what went wrong.</returns>
    Task<DecisionsPage> DecisionsAsync(string backend, long? before = null, int most = 50, CancellationToken cancellation = default);

    /// <summary>Explains one request that was refused, has waited long, or waits.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="ticket">The ticket that its answer names.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>It all in a sentence or two, or why that cannot be said.</returns>
    Task<string> ExplainAsync(string backend, string ticket, CancellationToken cancellation = default);

    /// <summary>Searches jobs, the newest first.</summary>
    /// <param name="search">Which.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<JobsPage> SearchJobsAsync(JobSearch search, CancellationToken cancellation = default);

    /// <summary>Finds one job with its attempts.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The job, or why there is none to show.</returns>
    Task<JobPage> FindJobAsync(string id, CancellationToken cancellation = default);

    /// <summary>Cancels a job that is not finished.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="by">Who, for the log.</param>
    /// <param name="cancellation">Ends the wait; whether it was cancelled is not known then.</param>
    Task<JobAnswer> CancelJobAsync(string id, string by, CancellationToken cancellation = default);

    /// <summary>Queues a dead letter again, with its attempts counted from zero.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="by">Who, for the log.</param>
    /// <param name="cancellation">Ends the wait; whether it was queued is not known then.</param>
    Task<JobAnswer> RetryJobAsync(string id, string by, CancellationToken cancellation = default);
}
