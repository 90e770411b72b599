using Admission.Capacity;
using Admission.Jobs;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Dashboard.Feed.Jobs;

/// <summary>Looks jobs up, cancels them and tries them again.</summary>
internal sealed partial class JobDesk(IJobsDoor door, ILogger logger)
{
    private const string NoSuchJob = "There is no such job: its id is wrong, or it was kept as long as its policy says.";

    /// <summary>Searches.</summary>
    public Task<JobsPage> SearchAsync(JobSearch search, CancellationToken cancellation) => AskAsync(
        async store =>
        {
            if (search.Id is { Length: > 0 } id)
            {
                var one = await FindAsync(store, id, cancellation);
                return new JobsPage(one is null ? [] : [Row(one)], null, null);
            }

            JobState? state = search.State is { Length: > 0 } word ? KebabCase.Parse<JobState>(word) : null;
            if (state is null && search.State is { Length: > 0 })
            {
                return new JobsPage([], null, $"There is no state '{search.State}'. There are {KebabCase.All<JobState>()}.");
            }

            var filter = new JobFilter
            {
                Backend = Some(search.Backend), State = state, Tenant = Some(search.Tenant), Before = search.Before, Most = Math.Clamp(search.Most, 1, JobSearch.MostOnPage),
            };
            var found = await store.ListAsync(filter, cancellation);
            return new JobsPage([.. found.Select(Row)], found.Count == filter.Most ? found[^1].Seq : null, null);
        },
        problem => new JobsPage([], null, problem),
        cancellation);

    /// <summary>Finds one.</summary>
    public Task<JobPage> FindAsync(string id, CancellationToken cancellation) => AskAsync(
        async store =>
        {
            if (await FindAsync(store, id, cancellation) is not { } job)
            {
                return None(NoSuchJob);
            }

            JobPlace? place = job.State == JobState.Queued ? await store.PlaceAsync(job, cancellation) : null;
            return new JobPage(
                Row(job), [.. JobAttempt.Parse(job.History).Select(each => new AttemptRow(each.Started, each.Ended, each.Status, each.Reason, each.Destination))],
                place?.Ahead, place?.ExpectedStart, null);
        },
        None,
        cancellation);

    /// <summary>Cancels one.</summary>
    public Task<JobAnswer> CancelAsync(string id, string by, CancellationToken cancellation) => ChangeAsync(
        id,
        async (store, job) =>
        {
            var done = await store.CancelAsync(id, (door.PolicyOf(job.Backend) ?? new JobPolicy()).ResultTtl, cancellation);
            if (done)
            {
                LogCancelled(id, job.Backend, by);
            }

            return done;
        },
        "only one that is not finished can be cancelled",
        cancellation);

    /// <summary>Queues one again.</summary>
    public Task<JobAnswer> RetryAsync(string id, string by, CancellationToken cancellation) => ChangeAsync(
        id,
        async (store, job) =>
        {
            var done = await store.RetryAsync(id, (door.PolicyOf(job.Backend) ?? new JobPolicy()).Ttl, cancellation);
            if (done)
            {
                LogRetried(id, job.Backend, by);
            }

            return done;
        },
        "only a dead letter can be tried again",
        cancellation);

    private Task<JobAnswer> ChangeAsync(string id, Func<IJobStore, JobRecord, Task<bool>> change, string only, CancellationToken cancellation) => AskAsync(
        async store => await FindAsync(store, id, cancellation) is not { } job ? new JobAnswer(false, NoSuchJob)
            : await change(store, job) ? new JobAnswer(true, null)
            : new JobAnswer(false, $"The job is {KebabCase.Of(job.State)}; {only}."),
        problem => new JobAnswer(false, problem),
        cancellation);

    private async Task<T> AskAsync<T>(Func<IJobStore, Task<T>> ask, Func<string, T> failed, CancellationToken cancellation)
    {
        try
        {
            var (store, _, problem) = await door.OpenAsync(cancellation);
            return store is null ? failed(problem ?? NoSuchJob) : await ask(store);
        }
        catch (JobStoreBusyException)
        {
            return failed("Too much is asked about jobs at present. Try again in a second.");
        }
        catch (Exception exception) when (JobStoreFailure.Is(exception) && !cancellation.IsCancellationRequested)
        {
            return failed($"The jobs' store does not answer: {exception.Message}");
        }
    }

    private static async Task<JobRecord?> FindAsync(IJobStore store, string id, CancellationToken cancellation) => JobId.IsPossible(id) ? await store.FindAsync(id, cancellation) : null;

    private static JobPage None(string problem) => new(null, [], null, null, problem);

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static JobRow Row(JobRecord job) => new(
        job.Id, job.Backend, job.Tenant.Length == 0 ? null : job.Tenant, KebabCase.Of(job.State), Time(job.AcceptedAt), job.State == JobState.Delayed ? Time(job.DueAt) : null,
        job.FinishedAt is { } finished ? Time(finished) : null, Time(job.ExpiresAt), job.Attempts, job.ResultStatus);

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    [LoggerMessage(2231, LogLevel.Information, "The job {Job} of the backend '{Backend}' was cancelled by {By}.")]
    private partial void LogCancelled(string job, string backend, string by);

    [LoggerMessage(2232, LogLevel.Information, "The dead letter {Job} of the backend '{Backend}' was queued again by {By}.")]
    private partial void LogRetried(string job, string backend, string by);
}
