using Admission.Jobs.Telemetry;

namespace Admission.Jobs;

/// <summary>The jobs, durable. All gateways of a cluster share one; what one of them is told is true until it is told otherwise by the same store.</summary>
/// <remarks>
/// <para>A job is taken up by a claim, which has a time to live and a fencing number. What it comes to is recorded only by whoever has the newest claim; so a job that
/// was taken up twice, because a gateway was lost or slow, has one result.</para>
/// <para>All times are by one clock, the store's: that of the database, or of the one process that has the file.</para>
/// <para>Methods throw <see cref="System.Data.Common.DbException"/>, <see cref="TimeoutException"/> or <see cref="IOException"/> when the store cannot be asked, and those that look something up for
/// clients <see cref="Storage.JobStoreBusyException"/> when too many do.</para>
/// </remarks>
internal interface IJobStore : IAsyncDisposable
{
    /// <summary>Makes the store ready; waits for nothing.</summary>
    Task OpenAsync(CancellationToken cancellation);

    /// <summary>Stores a request. When the answer says that it is stored, it is on disk.</summary>
    Task<Acceptance> AcceptAsync(NewJob job, CancellationToken cancellation);

    /// <summary>The job that was stored under a client's key, and what tells it from others; null for none.</summary>
    Task<(string Id, byte[] Fingerprint)?> FindKeyAsync(string backend, string tenant, string key, CancellationToken cancellation);

    /// <summary>Takes jobs up: tenants in turn, within a tenant the oldest first.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="ttl">The claims' time to live.</param>
    /// <param name="owner">Who claims, for people.</param>
    /// <param name="turns">Whose turn it is, and how many each tenant may have.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The claims in order; none only if no job waits, but those of tenants that have as many as they may.</returns>
    Task<IReadOnlyList<JobClaim>> ClaimAsync(string backend, int most, TimeSpan ttl, string owner, ClaimTurns turns, CancellationToken cancellation);

    /// <summary>Renews claims.</summary>
    /// <returns>For each whether it still holds.</returns>
    Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<(JobClaim Claim, TimeSpan Ttl)> claims, CancellationToken cancellation);

    /// <summary>
    /// Says whether a claim's request is in the backend; said before it is sent, so that a lost gateway costs an attempt where the request was sent, and only there. It renews the claim too.
    /// </summary>
    /// <param name="claim">The claim.</param>
    /// <param name="sent">Whether it is about to be sent; false takes that back, because it was not sent after all.</param>
    /// <param name="ttl">The claim's time to live.</param>
    /// <param name="cancellation">Ends the wait for a place among those that wait for their commit.</param>
    /// <returns>False if the claim holds no more: it must not be sent.</returns>
    Task<bool> MarkAsync(JobClaim claim, bool sent, TimeSpan ttl, CancellationToken cancellation);

    /// <summary>Records what a claim has come to. Saying so again changes nothing.</summary>
    /// <returns>False if the claim holds no more: nothing was recorded.</returns>
    Task<bool> FinishAsync(JobClaim claim, JobEnd end, CancellationToken cancellation);

    /// <summary>A job; null if there is none.</summary>
    Task<JobRecord?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>A finished job's result; null if there is none.</summary>
    Task<JobResult?> ResultAsync(string id, CancellationToken cancellation);

    /// <summary>Where a queued job stands.</summary>
    Task<JobPlace> PlaceAsync(JobRecord job, CancellationToken cancellation);

    /// <summary>Jobs, the newest first.</summary>
    Task<IReadOnlyList<JobRecord>> ListAsync(JobFilter filter, CancellationToken cancellation);

    /// <summary>Cancels a job that is not finished.</summary>
    /// <param name="id">The job.</param>
    /// <param name="keep">How long it is kept.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether it was cancelled.</returns>
    Task<bool> CancelAsync(string id, TimeSpan keep, CancellationToken cancellation);

    /// <summary>Queues a dead letter again, with its attempts counted from zero.</summary>
    /// <returns>Whether it was one.</returns>
    Task<bool> RetryAsync(string id, TimeSpan ttl, CancellationToken cancellation);

    /// <summary>
    /// Does what time asks for: queues delayed jobs whose time has come and those whose claim has run out, makes dead letters of expired ones, and deletes what was kept long
    /// enough. Any number of gateways may do so at once.
    /// </summary>
    Task TendAsync(CancellationToken cancellation);

    /// <summary>Takes up finished jobs whose clients want to be told, and are to be told now.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="ttl">How long until somebody else may take them up.</param>
    /// <param name="busy">Receivers that have enough to do (<see cref="JobCallback.Receiver"/>): theirs are left for later.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<IReadOnlyList<JobCallback>> ClaimCallbacksAsync(int most, TimeSpan ttl, IReadOnlyCollection<string> busy, CancellationToken cancellation);

    /// <summary>A client has been told, or is to be told again; nothing changes if somebody else has taken it up meanwhile.</summary>
    /// <param name="callback">What was taken up.</param>
    /// <param name="again">When to try again; null for never.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task EndCallbackAsync(JobCallback callback, TimeSpan? again, CancellationToken cancellation);

    /// <summary>How many jobs there are; null before the store is open.</summary>
    JobCensus? Census { get; }

    /// <summary>Tells what has changed, here and in other gateways.</summary>
    JobSignals Signals { get; }
}
