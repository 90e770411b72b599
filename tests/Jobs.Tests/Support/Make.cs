using System.Text;

namespace Admission.Jobs.Tests.Support;

/// <summary>Jobs and what they come to.</summary>
internal static class Make
{
    public static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    public static NewJob Job(string tenant = "", string? key = null, string body = "the body", JobPolicy? policy = null, string backend = "model") =>
        new(JobId.Create(), backend, tenant, Request.ToBytes(), Encoding.UTF8.GetBytes(body), policy ?? new JobPolicy())
        {
            Key = key,
            Fingerprint = key is null ? [] : Encoding.UTF8.GetBytes(body),
        };

    public static StoredRequest Request { get; } = new()
    {
        Method = "POST", Scheme = "http", Host = "gateway", Path = "/work", Query = "?n=1", Route = "all", Headers = new Dictionary<string, string?[]> { ["X-One"] = ["1", "2"] },
    };

    public static JobResult Result(int status = 200, string body = "the answer") =>
        new(status, new Dictionary<string, string?[]> { ["Content-Type"] = ["text/plain"] }, Encoding.UTF8.GetBytes(body));

    public static JobAttempt Attempt(int? status = 200, string? reason = null) => new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), status, reason);

    public static JobEnd Done(string body = "the answer") => new(JobState.Done, TimeSpan.FromHours(1)) { Attempt = Attempt(), Result = Result(body: body) };

    public static JobEnd Dead() => new(JobState.Dead, TimeSpan.FromHours(1)) { Attempt = Attempt(502, "status-502"), Result = Result(502, "no") };

    public static JobEnd Delayed(TimeSpan pause) => new(JobState.Delayed, pause) { Attempt = Attempt(503, "status-503") };

    /// <summary>Stores a job.</summary>
    public static async Task<NewJob> AddAsync(IJobStore store, NewJob? job = null)
    {
        job ??= Job();
        (await store.AcceptAsync(job, CancellationToken.None)).ShouldBe(new Acceptance(AcceptOutcome.Stored, job.Id));
        return job;
    }

    /// <summary>Takes up at most so many.</summary>
    public static Task<IReadOnlyList<JobClaim>> ClaimAsync(IJobStore store, int most = 1, string? after = null) =>
        store.ClaimAsync("model", most, Ttl, "test", ClaimTurns.Following(after), CancellationToken.None);

    /// <summary>Takes the only one up.</summary>
    public static async Task<JobClaim> ClaimOneAsync(IJobStore store) => (await ClaimAsync(store)).ShouldHaveSingleItem();

    public static Task<bool> MarkAsync(IJobStore store, JobClaim claim, bool sent = true) => store.MarkAsync(claim, sent, Ttl, CancellationToken.None);

    public static Task<bool> FinishAsync(IJobStore store, JobClaim claim, JobEnd end) => store.FinishAsync(claim, end, CancellationToken.None);

    public static async Task<JobRecord> FindAsync(IJobStore store, string id) => (await store.FindAsync(id, CancellationToken.None)).ShouldNotBeNull();

    public static async Task<JobState> StateAsync(IJobStore store, string id) => (await FindAsync(store, id)).State;
}
