using System.Globalization;
using System.Security.Cryptography;
using Admission.Frontend.Deferring;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Jobs;
using Admission.Jobs.Running;
using Admission.Jobs.Storage;
using Admission.Security;
using Admission.Security.Callers;

namespace Admission.Frontend.Api;

/// <summary><c>/admission/v1/jobs</c>: one's own job for whoever holds its id, lists for viewers, retries for operators.</summary>
internal static partial class JobsApi
{
    private const int MostListed = 200;
    private const int LongestName = 100;

    /// <summary>The longest that a request about a job waits.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>News from other gateways may be lost.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    /// <summary>Maps the addresses.</summary>
    public static void MapJobsApi(this IEndpointRouteBuilder endpoints)
    {
        var jobs = endpoints.MapGroup(JobAddress.Root).AddEndpointFilter(StoreAnswersAsync).TellCaller();
        jobs.MapGet("/{id}", GetAsync);
        jobs.MapGet("/{id}/result", GetResultAsync);
        jobs.MapDelete("/{id}", CancelAsync);
        jobs.MapGet("", ListAsync).RequireViewer();
        jobs.MapPost("/{id}/retry", RetryAsync).RequireOperator();
    }

    /// <summary>Finds a job that the caller may see, and waits for its end as long as the caller prefers, or until the gateway stops.</summary>
    private static async Task<Found> FindAsync(HttpContext context, JobService jobs, string id, TimeSpan wait = default)
    {
        if (!JobId.IsPossible(id))
        {
            return JobProblems.Unknown;
        }

        var services = context.RequestServices;
        var (watchers, time) = (services.GetRequiredService<JobWatchers>(), services.GetRequiredService<TimeProvider>());
        var begun = time.GetTimestamp();
        using var watch = jobs.Store.Signals.ForJob(id);
        var place = default(JobWatchers.Place?);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, watchers.Stopping);
        try
        {
            JobRecord? last = null;
            while (true)
            {
                var job = await LookAgainAsync(jobs, id, last, context.RequestAborted);
                if (job is null || !JobOwner.MaySee(context, job))
                {
                    return JobProblems.Unknown;
                }

                last = job;
                var left = wait - time.GetElapsedTime(begun);
                if (job.State.IsFinal() || left <= TimeSpan.Zero || watchers.Stopping.IsCancellationRequested)
                {
                    return job;
                }

                if (place is null)
                {
                    if (watchers.TryEnter(out var taken) is { } full)
                    {
                        return full;
                    }

                    place = taken;
                }

                try
                {
                    // Not all of them at the same moment.
                    var pause = LookAgain - TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(2500));
                    await watch.WaitAsync(left < pause ? left : pause, time, either.Token);
                }
                catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
                {
                    // The gateway stops: the present state is the answer.
                }
            }
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <summary>How the job stands; for one who waits already as it was, where too much is asked to find out now: he keeps his place and asks again.</summary>
    private static async Task<JobRecord?> LookAgainAsync(JobService jobs, string id, JobRecord? last, CancellationToken cancellation)
    {
        try
        {
            return await jobs.Store.FindAsync(id, cancellation);
        }
        catch (JobStoreBusyException) when (last is not null)
        {
            return last;
        }
    }

    /// <summary>Describes a job, with its place if it is queued.</summary>
    internal static async Task<JobView> ViewAsync(JobService jobs, JobRecord job, CancellationToken cancellation) =>
        JobView.Of(job, job.State == JobState.Queued ? await jobs.Store.PlaceAsync(job, cancellation) : null);

    // Who has waited is told how the job stands, without its place if too much is asked to find that out now.
    private static async Task<JobView> ViewAsync(HttpContext context, JobService jobs, JobRecord job)
    {
        try
        {
            return await ViewAsync(jobs, job, context.RequestAborted);
        }
        catch (JobStoreBusyException) when (Preferences.Of(context.Request).Wait is not null)
        {
            return JobView.Of(job);
        }
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, JobService jobs, JobStreams streams)
    {
        if (JobStreams.IsAskedFor(context.Request))
        {
            return await streams.AnswerAsync(context, id);
        }

        var (job, problem) = await FindAsync(context, jobs, id, Wait(context));
        if (job is null)
        {
            return AdmissionApi.Answer(problem!);
        }

        var view = await ViewAsync(context, jobs, job);
        Describe(context.Response, job, view);
        return Results.Json(view);
    }

    private static async Task<IResult> GetResultAsync(HttpContext context, string id, JobService jobs)
    {
        var (job, problem) = await FindAsync(context, jobs, id, Wait(context));
        if (job is null)
        {
            return AdmissionApi.Answer(problem!);
        }

        if (job.State == JobState.Cancelled)
        {
            return AdmissionApi.Answer(JobProblems.Cancelled);
        }

        if (job.State.IsFinal() && await jobs.Store.ResultAsync(id, context.RequestAborted) is { } result)
        {
            return new StoredAnswer(job.State, result);
        }

        var view = await ViewAsync(context, jobs, job);
        Describe(context.Response, job, view);
        context.Response.Headers.Location = JobAddress.Of(id);
        return Results.Json(view, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> CancelAsync(HttpContext context, string id, JobService jobs, BackendTable backends)
    {
        var (job, problem) = await FindAsync(context, jobs, id);
        if (job is null)
        {
            return AdmissionApi.Answer(problem!);
        }

        if (await jobs.Store.CancelAsync(id, PolicyOf(backends, job.Backend).ResultTtl, context.RequestAborted))
        {
            LogCancelled(Logger(context), id, job.Backend, By(context));
            return Results.NoContent();
        }

        return AdmissionApi.Answer(JobProblems.WrongState($"The job is {KebabCase.Of(job.State)} already; only one that is not finished can be cancelled."));
    }

    private static async Task<IResult> RetryAsync(HttpContext context, string id, JobService jobs, BackendTable backends)
    {
        var (job, problem) = await FindAsync(context, jobs, id);
        if (job is null)
        {
            return AdmissionApi.Answer(problem!);
        }

        if (await jobs.Store.RetryAsync(id, PolicyOf(backends, job.Backend).Ttl, context.RequestAborted))
        {
            LogRetried(Logger(context), id, job.Backend, By(context));
            return Results.Accepted(JobAddress.Of(id));
        }

        return AdmissionApi.Answer(JobProblems.WrongState($"The job is {KebabCase.Of(job.State)}; only a dead letter can be tried again."));
    }

    private static async Task<IResult> ListAsync(HttpContext context, JobService jobs, string? backend, string? state, string? tenant, string? before, string? limit)
    {
        var states = Enum.GetValues<JobState>().Where(each => each != JobState.None).ToDictionary(KebabCase.Of, each => each, StringComparer.OrdinalIgnoreCase);
        if (state is not null && !states.ContainsKey(state))
        {
            return AdmissionApi.Answer(JobProblems.InvalidQuery("state", state, string.Join(", ", states.Keys)));
        }

        if (!TryNumber(before, long.MaxValue, out var from))
        {
            return AdmissionApi.Answer(JobProblems.InvalidQuery("before", before!, "the number that the page before it gives"));
        }

        if (!TryNumber(limit, MostListed, out var most))
        {
            return AdmissionApi.Answer(JobProblems.InvalidQuery("limit", limit!, $"a whole number from 1 to {MostListed}"));
        }

        var filter = new JobFilter { Backend = backend, State = state is null ? null : states[state], Tenant = tenant, Before = from, Most = (int)(most ?? 50) };
        var found = await jobs.Store.ListAsync(filter, context.RequestAborted);
        string? next = null;
        if (found.Count == filter.Most)
        {
            var query = context.Request.Query.Where(each => each.Key is not "before").Append(new("before", found[^1].Seq.ToString(CultureInfo.InvariantCulture)));
            next = JobAddress.Root + QueryString.Create(query);
        }

        var whole = context.Features.Get<Caller>() is { Role: AccessRole.Operator };
        return Results.Json(new JobListView([.. found.Select(job => whole ? JobView.Of(job) : JobView.Of(job).WithoutAddress())], next));
    }

    private static bool TryNumber(string? text, long most, out long? number)
    {
        number = null;
        if (text is null)
        {
            return true;
        }

        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed >= 1 && parsed <= most ? parsed : null;
        return number is not null;
    }

    // What the answer to a preference may be is said, as the RFC asks.
    private static TimeSpan Wait(HttpContext context)
    {
        if (Preferences.Of(context.Request).Wait is not { } asked)
        {
            return TimeSpan.Zero;
        }

        var wait = asked < LongestWait ? asked : LongestWait;
        context.Response.Headers[Preferences.AppliedHeader] = string.Create(CultureInfo.InvariantCulture, $"wait={wait.TotalSeconds}");
        return wait;
    }

    private static void Describe(HttpResponse response, JobRecord job, JobView view)
    {
        response.Headers[JobHeaders.State] = view.State;
        response.Headers.CacheControl = "no-store";
        if (!job.State.IsFinal())
        {
            response.Headers.RetryAfter = ((int)Math.Clamp(Math.Ceiling(view.ExpectedStart ?? 1), 1, 60)).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static JobPolicy PolicyOf(BackendTable backends, string backend) =>
        backends.TryGet(backend, out var known) && known?.Settings.Jobs is { } policy ? policy : new JobPolicy();

    private static async ValueTask<object?> StoreAnswersAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var jobs = invocation.HttpContext.RequestServices.GetRequiredService<JobService>();
        if (!jobs.IsOpen)
        {
            // Without a backend that has jobs there is no store, and so no job.
            return AdmissionApi.Answer(jobs.HasPolicies ? JobProblems.Unavailable : JobProblems.Unknown);
        }

        try
        {
            return await next(invocation);
        }
        catch (JobStoreBusyException)
        {
            return AdmissionApi.Answer(JobProblems.Busy);
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed) && !invocation.HttpContext.RequestAborted.IsCancellationRequested && !invocation.HttpContext.Response.HasStarted)
        {
            return AdmissionApi.Answer(JobProblems.Unavailable);
        }
    }

    /// <summary>A job, or why there is none.</summary>
    private readonly record struct Found(JobRecord? Job, Problem? Problem)
    {
        public static implicit operator Found(JobRecord job) => new(job, null);

        public static implicit operator Found(Problem problem) => new(null, problem);
    }

    /// <summary>The backend's own answer, as it was.</summary>
    private sealed class StoredAnswer(JobState state, JobResult result) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = result.Status;
            JobHeaders.Restore(result.Headers, response.Headers);
            response.Headers[JobHeaders.State] = KebabCase.Of(state);
            if (result.Body.Length == 0)
            {
                return Task.CompletedTask;
            }

            response.ContentLength = result.Body.Length;
            return response.Body.WriteAsync(result.Body, httpContext.RequestAborted).AsTask();
        }
    }

    private static ILogger Logger(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(JobsApi));

    private static string By(HttpContext context)
    {
        var name = context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } known } ? known : "nobody in particular";
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    [LoggerMessage(2221, LogLevel.Information, "The job {Job} of the backend '{Backend}' was cancelled over HTTP by '{By}'.")]
    private static partial void LogCancelled(ILogger logger, string job, string backend, string by);

    [LoggerMessage(2222, LogLevel.Information, "The dead letter {Job} of the backend '{Backend}' was queued again over HTTP by '{By}'.")]
    private static partial void LogRetried(ILogger logger, string job, string backend, string by);
}
