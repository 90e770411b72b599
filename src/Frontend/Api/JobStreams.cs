using System.Text;
using System.Text.Json;
using Admission.Frontend.Deferring;
using Admission.Jobs;
using Admission.Jobs.Running;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Api;

/// <summary>A job as server-sent events: <c>job</c> whenever its state or place has changed, and at last <c>result</c>.</summary>
/// <remarks>
/// The place is looked up every two seconds, and the more streams are open the more seldom, so that all together ask the store at most some fifty times a second. The
/// state comes by signal. A comment goes out when nothing else did for 15 s, so that idle time-outs on the way do not end the stream.
/// </remarks>
internal sealed class JobStreams(JobService jobs, TimeProvider time)
{
    private const string ContentType = "text/event-stream";
    private const double StreamsPerSecond = 50;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { WriteIndented = false };

    private int _open;

    /// <summary>Whether the client wants a stream.</summary>
    public static bool IsAskedFor(HttpRequest request) => request.Headers.Accept.ToString().Contains(ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Streams, or says that there is no such job.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, string id) =>
        await JobsApi.FindAsync(context, jobs, id, TimeSpan.Zero, time) is { } job ? new Stream(this, job) : AdmissionApi.Answer(JobProblems.Unknown);

    private TimeSpan Pause
    {
        get
        {
            var fair = TimeSpan.FromSeconds(Volatile.Read(ref _open) / StreamsPerSecond);
            return fair < Shortest ? Shortest : fair < Heartbeat ? fair : Heartbeat;
        }
    }

    private async Task RunAsync(HttpContext context, JobRecord job)
    {
        var cancellation = context.RequestAborted;
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var watch = jobs.Store.Signals.ForJob(job.Id);
        string? last = null;
        var sent = time.GetTimestamp();
        for (JobRecord? now = job; now is not null; now = await jobs.Store.FindAsync(job.Id, cancellation))
        {
            var data = JsonSerializer.Serialize(await JobsApi.ViewAsync(jobs, now, cancellation), Json);
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

            if (now.State.IsFinal())
            {
                await SendResultAsync(response, now, cancellation);
                return;
            }

            await watch.WaitAsync(now.State == JobState.Queued ? Pause : Heartbeat, time, cancellation);
        }
    }

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

    private sealed class Stream(JobStreams streams, JobRecord job) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            Interlocked.Increment(ref streams._open);
            try
            {
                await streams.RunAsync(httpContext, job);
            }
            catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
            {
                // The client has left; the job goes on.
            }
            finally
            {
                Interlocked.Decrement(ref streams._open);
            }
        }
    }
}
