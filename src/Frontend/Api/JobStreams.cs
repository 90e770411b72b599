using System.Text;
using System.Text.Json;
using Admission.Frontend.Deferring;
using Admission.Frontend.Problems;
using Admission.Jobs;
using Admission.Jobs.Running;
using Admission.Jobs.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Api;

/// <summary>A job as server-sent events: <c>job</c> whenever its state or place has changed, and at last <c>result</c>.</summary>
/// <remarks>
/// The place is looked up every two seconds, and the more streams are open the more seldom, so that all together ask the store at most some fifty times a second. The
/// state comes by signal, which is watched before the state is read. A comment goes out when nothing else did for 15 s, so that idle time-outs on the way do not end the stream. A store that fails ends it
/// with <c>error</c> and the problem; a gateway that stops with <c>reconnect</c>. Each says with <c>retry</c> when to come again.
/// </remarks>
internal sealed class JobStreams(JobService jobs, JobWatchers watchers, TimeProvider time)
{
    private const string ContentType = "text/event-stream";
    private const double StreamsPerSecond = 50;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { WriteIndented = false };

    /// <summary>Whether the client wants a stream.</summary>
    public static bool IsAskedFor(HttpRequest request) => request.Headers.Accept.ToString().Contains(ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Streams until the job's end.</summary>
    /// <returns>What is left to answer: a problem where there is no such job, or no place for the stream.</returns>
    public async Task<IResult> AnswerAsync(HttpContext context, string id)
    {
        if (!JobId.IsPossible(id))
        {
            return AdmissionApi.Answer(JobProblems.Unknown);
        }

        using var watch = jobs.Store.Signals.ForJob(id);
        if (await jobs.Store.FindAsync(id, context.RequestAborted) is not { } job || !JobOwner.MaySee(context, job))
        {
            return AdmissionApi.Answer(JobProblems.Unknown);
        }

        if (watchers.TryEnter(out var place) is { } full)
        {
            return AdmissionApi.Answer(full);
        }

        using (place)
        {
            try
            {
                await StreamAsync(context, job, watch);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has left; the job goes on.
            }
        }

        return Results.Empty;
    }

    private TimeSpan Pause
    {
        get
        {
            var fair = TimeSpan.FromSeconds(watchers.Count / StreamsPerSecond);
            return fair < Shortest ? Shortest : fair < Heartbeat ? fair : Heartbeat;
        }
    }

    private async Task StreamAsync(HttpContext context, JobRecord job, JobSignals.Watch watch)
    {
        var (response, clientGone) = (context.Response, context.RequestAborted);
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clientGone, watchers.Stopping);
        try
        {
            await TellAsync(response, job, watch, either.Token);
        }
        catch (OperationCanceledException) when (!clientGone.IsCancellationRequested)
        {
            await SendAsync(response, $"retry: 1000\nevent: reconnect\ndata: {JsonSerializer.Serialize(new { reason = "gateway-stopping" }, Json)}\n\n", clientGone);
        }
        catch (JobStoreBusyException)
        {
            await SendProblemAsync(response, JobProblems.Busy, clientGone);
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed) && !clientGone.IsCancellationRequested)
        {
            await SendProblemAsync(response, JobProblems.Unavailable, clientGone);
        }
    }

    private async Task TellAsync(HttpResponse response, JobRecord job, JobSignals.Watch watch, CancellationToken cancellation)
    {
        string? last = null;
        var sent = time.GetTimestamp();
        for (var now = job; ;)
        {
            var known = await LookAsync(now, fresh: last is null, cancellation);
            if (known is { Job: null })
            {
                await SendProblemAsync(response, JobProblems.Unknown, cancellation);
                return;
            }

            now = known?.Job ?? now;
            var data = known is null ? last : JsonSerializer.Serialize(known.Value.View, Json);
            if (!string.Equals(data, last, StringComparison.Ordinal))
            {
                await SendAsync(response, $"event: job\ndata: {data}\n\n", cancellation);
                (last, sent) = (data, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(sent) >= Heartbeat)
            {
                await SendAsync(response, ": waiting\n\n", cancellation);
                sent = time.GetTimestamp();
            }

            if (known is not null && now.State.IsFinal())
            {
                await SendResultAsync(response, now, cancellation);
                return;
            }

            await watch.WaitAsync(known is null || now.State == JobState.Queued ? Pause : Heartbeat, time, cancellation);
        }
    }

    /// <summary>How the job stands; null where too much is asked to find out now.</summary>
    private async Task<(JobRecord? Job, JobView? View)?> LookAsync(JobRecord job, bool fresh, CancellationToken cancellation)
    {
        try
        {
            return (fresh ? job : await jobs.Store.FindAsync(job.Id, cancellation)) is { } now ? (now, await JobsApi.ViewAsync(jobs, now, cancellation)) : (null, null);
        }
        catch (JobStoreBusyException)
        {
            return null;
        }
    }

    private static Task SendProblemAsync(HttpResponse response, Problem problem, CancellationToken cancellation) => SendAsync(
        response, $"retry: {1000 * (problem.RetryAfter ?? 60)}\nevent: error\ndata: {Encoding.UTF8.GetString(problem.ToJson().Span)}\n\n", cancellation);

    private async Task SendResultAsync(HttpResponse response, JobRecord job, CancellationToken cancellation)
    {
        var result = job.State == JobState.Cancelled ? null : await jobs.Store.ResultAsync(job.Id, cancellation);
        var view = result is null ? new ResultEvent(null, null, null, null) : ResultEvent.Of(result.Status, result.Headers, result.Body);
        await SendAsync(response, $"event: result\ndata: {JsonSerializer.Serialize(view, Json)}\n\n", cancellation);
    }

    private static async Task SendAsync(HttpResponse response, string text, CancellationToken cancellation)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        await response.Body.FlushAsync(cancellation);
    }
}
