using System.Net.Sockets;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>How a client waits for its result.</summary>
internal enum Following
{
    LongPoll,
    Events,

    /// <summary>It does not: it comes with the next request a little later.</summary>
    Never,
}

/// <summary>
/// One client that sends a request to be stored (<c>Prefer: respond-async</c>), waits for its result, and comes with the next one. Half of its requests have an <c>Idempotency-Key</c>: those
/// it repeats until it knows what became of them, the others it never sends twice.
/// </summary>
internal sealed class JobClient(BackendPlan backend, LoadBalancer balancer, JobRecords records, Following following, int seed, string name)
{
    private const int PollSeconds = 5;

    private static readonly byte[] Body = new byte[2000];

    private readonly Random _random = new(seed);

    /// <summary>Comes with request after request.</summary>
    /// <param name="stop">No new ones.</param>
    /// <param name="over">No more waiting for results.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken over)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var accepted = await SubmitAsync($"{name}.{number}", stop);
            if (accepted is not null && following != Following.Never)
            {
                await FollowAsync(accepted, over);
            }
            else
            {
                await PauseAsync(_random.Next(200, 800), stop);
            }
        }
    }

    private async Task<AcceptedJob?> SubmitAsync(string id, CancellationToken stop)
    {
        var key = _random.Next(2) == 0 ? $"key-{id}" : null;
        var (method, body) = _random.Next(4) == 0 ? ("POST", Body) : ("GET", null);
        var target = $"/{backend.Id}/work?id={id}&ms={backend.Work.Next(_random)}";
        var headers = "Prefer: respond-async\r\n" + (key is null ? "" : $"Idempotency-Key: {key}\r\n");
        do
        {
            var answer = await AskAsync(method, target, headers, body, LoadClient.Patience);
            if (answer is { Status: 202 })
            {
                var address = answer.Header("Location")!;
                var accepted = new AcceptedJob(id, address, key ?? address.Split('/')[^1], Clock.Now);
                records.Accepted.Enqueue(accepted);
                return accepted;
            }

            if (IsOver(id, answer))
            {
                return null;
            }

            await PauseAsync(_random.Next(100, 300), stop);
        }
        while (key is not null && !stop.IsCancellationRequested);
        return null;
    }

    // Served, or wrong beyond repair.
    private bool IsOver(string id, HttpAnswer? answer)
    {
        var (end, detail) = answer is null ? (RequestEnd.Unclean, "") : RequestJudge.Of(id, answer);
        switch (end)
        {
            case RequestEnd.Served:
                records.NoteServed();
                return true;
            case RequestEnd.Wrong:
                records.Wrong.Enqueue($"{id} was answered {detail}");
                return true;
            case RequestEnd.Refused when answer!.Status != 504:
                records.NoteRefused();
                return false;
            default:
                records.NoteUnclear();
                return false;
        }
    }

    private async Task FollowAsync(AcceptedJob job, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var answer = following == Following.Events
                ? await AskAsync("GET", job.Address, "Accept: text/event-stream\r\n", null, LoadClient.Patience)
                : await AskAsync("GET", job.Address + "/result", $"Prefer: wait={PollSeconds}\r\n", null, LoadClient.Patience);
            if (answer is { Status: 404 or 410 })
            {
                records.Wrong.Enqueue($"{job.Id} was accepted, and then answered {answer.Status}: {answer.Body}");
                return;
            }

            var result = answer is null ? null : following == Following.Events && answer.Status == 200 ? JobResultSeen.OfEvents(answer.Body) : JobResultSeen.Of(answer);
            if (result is not null)
            {
                job.Seen.Enqueue(($"{following}", result));
                return;
            }

            if (answer is not { Status: 202 })
            {
                await PauseAsync(_random.Next(100, 300), over);
            }
        }
    }

    // Null where there was no whole answer in time.
    private async Task<HttpAnswer?> AskAsync(string method, string target, string headers, byte[]? body, TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound);
        try
        {
            using var connection = await balancer.Choose(_random).ConnectAsync(timeout.Token);
            await connection.SendAsync(method, target, headers + "Connection: close\r\n", body, timeout.Token);
            return await connection.ReadAsync(timeout.Token);
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    private static Task PauseAsync(int milliseconds, CancellationToken cancellation) =>
        Task.Delay(milliseconds, cancellation).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
