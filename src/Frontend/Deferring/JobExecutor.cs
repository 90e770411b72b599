using System.Globalization;
using System.Text.Json;
using Admission.Capacity;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Jobs;
using Admission.Jobs.Running;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Deferring;

/// <summary>Sends stored requests through the pipeline of live ones, so that everything that holds for those holds for these: limit, tenants, weights, times, destinations that fail.</summary>
internal sealed partial class JobExecutor(
    JobPipeline pipeline, BackendTable backends, IProxyStateLookup proxy, IServiceScopeFactory scopes, TimeProvider time, ILogger<JobExecutor> logger) : IJobExecutor
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // Nothing was sent, and it is not the request's fault.
    private static readonly HashSet<string> NotSent = new(StringComparer.Ordinal) { "lease-lost-before-sending", "destination-gone", "buffers-full", "starting" };

    /// <inheritdoc/>
    public async Task<JobRun> RunAsync(JobTry attempt, CancellationToken cancellation)
    {
        var (claim, policy) = (attempt.Claim, attempt.Policy);
        var started = time.GetUtcNow();
        if (pipeline.Admission is not { } admission)
        {
            return new JobRun(JobRunKind.NoPlace, started) { RetryAfter = Soon };
        }

        StoredRequest stored;
        try
        {
            stored = StoredRequest.Parse(claim.Request);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidDataException)
        {
            LogUnreadable(claim.Id, claim.Backend, unreadable.Message);
            return Own(JobRunKind.Impossible, started, 500, "job-unreadable", "The job cannot be read", "What is stored of the request is not what this gateway can read.");
        }

        if (!proxy.TryGetRoute(stored.Route, out var route) || !proxy.TryGetCluster(claim.Backend, out var cluster))
        {
            return Own(JobRunKind.Failed, started, 502, JobReasons.RouteGone, "The route is gone",
                $"The route '{stored.Route}' or the backend '{claim.Backend}' is not configured any more.");
        }

        await using var scope = scopes.CreateAsyncScope();
        using var response = new JobResponse(policy.MaxResult, cancellation);
        var context = JobContext.Create(claim, stored, response, scope.ServiceProvider, route, cluster);
        var terms = new JobTerms(attempt, stored, time);
        context.Features.Set(terms);
        try
        {
            // Where no permit is asked for, because the policy is only decided in shadow, nobody else asks.
            if (IsEnforced(claim.Backend) || await terms.BeforeSendingAsync())
            {
                await admission(context);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new JobRun(JobRunKind.GivenUp, started);
        }
        catch (Exception unexpected)
        {
            // A middleware of the application's: a live request would get 500 and one line in the log.
            LogFailed(unexpected, claim.Id, claim.Backend);
            return Own(JobRunKind.Failed, terms.Sent ?? started, 502, "forwarding-failed", "The request could not be forwarded", "The gateway's log says why.");
        }

        started = terms.Sent ?? started;
        return terms.Refusal is { } refusal ? Refused(claim.Backend, refusal, stored.Weight, started)
            : cancellation.IsCancellationRequested ? new JobRun(JobRunKind.GivenUp, started)
            : terms.IsWithheld ? new JobRun(JobRunKind.NoPlace, started) { RetryAfter = Soon }
            : Ended(context, response, policy, started);
    }

    private bool IsEnforced(string backend) => backends.TryGet(backend, out var known) && known is { Settings.IsEnforced: true };

    private static JobRun Refused(string backend, Refusal refusal, int weight, DateTimeOffset started) => refusal.Reason switch
    {
        RefusalReason.ShuttingDown => new JobRun(JobRunKind.GivenUp, started),
        RefusalReason.WeightAboveLimit => Own(JobRunKind.Impossible, started, RefusalWords.Describe(backend, refusal, weight > 1, paused: false, 1)),
        _ => new JobRun(JobRunKind.NoPlace, started) { Reason = KebabCase.Of(refusal.Reason), RetryAfter = refusal.Occupancy.RetryAfter },
    };

    private static JobRun Ended(HttpContext context, JobResponse response, JobPolicy policy, DateTimeOffset started)
    {
        var feature = context.GetReverseProxyFeature();
        var destination = feature.ProxiedDestination?.DestinationId;
        var failed = context.Features.Get<IForwarderErrorFeature>() is not null;

        // A backend that is a gateway itself may have the same header; then its answer was forwarded.
        if ((failed || destination is null) && context.Response.Headers[Problem.ReasonHeader] is [{ } reason])
        {
            return NotSent.Contains(reason)
                ? new JobRun(JobRunKind.NoPlace, started) { Reason = reason, RetryAfter = Soon }
                : new JobRun(JobRunKind.Failed, started) { Reason = reason, Result = response.ToResult(), Destination = destination };
        }

        if (failed || response.Aborted)
        {
            return Own(JobRunKind.Failed, started, 502, "backend-response-failed", "The backend's answer broke off", "The connection to the backend ended before its answer did.") with
            {
                Destination = destination,
            };
        }

        if (response.IsTooLarge)
        {
            return Own(JobRunKind.Impossible, started, 502, JobReasons.ResultTooLarge, "The backend's answer is too large to be stored",
                $"The backend has answered {response.StatusCode} with more than {policy.MaxResult} bytes, and more are not kept (Jobs:MaxResult).") with
            {
                Destination = destination,
            };
        }

        return new JobRun(JobRunKind.Answered, started) { Result = response.ToResult(), Destination = destination, RetryAfter = RetryAfter(context.Response) };
    }

    private static TimeSpan? RetryAfter(HttpResponse response) =>
        int.TryParse(response.Headers.RetryAfter.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    private static JobRun Own(JobRunKind kind, DateTimeOffset started, int status, string reason, string title, string detail) =>
        new(kind, started) { Reason = reason, Result = JobReasons.Problem(status, reason, title, detail) };

    private static JobRun Own(JobRunKind kind, DateTimeOffset started, Problem problem) => Own(kind, started, problem.Status, problem.Reason, problem.Title, problem.Detail);

    [LoggerMessage(2170, LogLevel.Error, "What is stored of job {Job} for backend '{Backend}' cannot be read: {Problem}")]
    private partial void LogUnreadable(string job, string backend, string problem);

    [LoggerMessage(2171, LogLevel.Error, "Job {Job} for backend '{Backend}' could not be forwarded.")]
    private partial void LogFailed(Exception exception, string job, string backend);
}
