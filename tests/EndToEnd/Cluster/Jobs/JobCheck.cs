using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>
/// After the faults: each job that was answered 202 has a result, the backend's own to that very request; two frontends tell the same one, and it is the one that clients saw before. The backend's
/// journal has a repeat only where an attempt failed or a frontend was lost meanwhile, and with the key by which it can tell.
/// </summary>
internal sealed class JobCheck(ClusterUnderTest cluster, JobRecords records, IReadOnlyList<Outage> outages)
{
    private const int AtOnce = 8;

    private static readonly TimeSpan AskBound = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<string> _faults = new(records.Wrong);

    /// <summary>Checks all.</summary>
    /// <param name="bound">How long jobs may take to be finished.</param>
    public async Task<JobFigures> RunAsync(TimeSpan bound)
    {
        using var late = new CancellationTokenSource(bound);
        var results = new ConcurrentDictionary<AcceptedJob, (JobResultSeen One, JobResultSeen Other)>();
        var accepted = records.Accepted.ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, accepted.Length), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var job = accepted[number];
            if (await ResultAsync(Frontend(number), job, late.Token) is { } one && await ResultAsync(Frontend(number + 1), job, late.Token) is { } other)
            {
                results[job] = (one, other);
            }
        });

        // All have ended: all that was done for them is in the journals.
        var starts = cluster.Backends.Where(backend => cluster.Plan.Deferring.Contains(backend.Plan)).SelectMany(backend => backend.Process.Journal.Read())
            .Where(each => each.Kind == 'S').ToLookup(each => each.Id);
        var (repeated, longest) = (0, 0.0);
        foreach (var (job, (one, other)) in results)
        {
            JournalEvent[] own = [.. starts[job.Id]];
            repeated += own.Length > 1 ? 1 : 0;
            longest = Math.Max(longest, own.Select(start => Clock.Seconds(start.Time - job.Time)).LastOrDefault());
            var failed = own.Length > 1 ? await FailedAttemptsAsync(job, late.Token) : 0;
            foreach (var fault in JobJudge.FaultsOf(job, one, other, own, failed, outages))
            {
                Fault(job, fault);
            }
        }

        return new(accepted.Length, records.Served, records.Refused, records.Unclear, accepted.Sum(job => job.Seen.Count), repeated, longest, [.. _faults]);
    }

    private ServerTarget Frontend(int number) => cluster.Balancer.Frontends[number % cluster.Balancer.Frontends.Count];

    private void Fault(AcceptedJob job, string what) => _faults.Enqueue($"{job.Id} ({job.Address}) {what}");

    private async Task<int> FailedAttemptsAsync(AcceptedJob job, CancellationToken late)
    {
        if (await AskAsync(Frontend(0), job, job.Address, "", answer => answer.Status == 200, late) is not { } answer)
        {
            return 0;
        }

        using var view = JsonDocument.Parse(answer.Body);
        return view.RootElement.GetProperty("attempts").EnumerateArray().Count(attempt => attempt.GetProperty("reason").ValueKind == JsonValueKind.String);
    }

    private async Task<JobResultSeen?> ResultAsync(ServerTarget frontend, AcceptedJob job, CancellationToken late)
    {
        var answer = await AskAsync(frontend, job, job.Address + "/result", "Prefer: wait=10\r\n", answer => JobResultSeen.Of(answer) is not null, late);
        return answer is null ? null : JobResultSeen.Of(answer);
    }

    // Asks until the answer is what is wanted; null, and a fault, where it never is.
    private async Task<HttpAnswer?> AskAsync(ServerTarget frontend, AcceptedJob job, string target, string headers, Func<HttpAnswer, bool> isWanted, CancellationToken late)
    {
        var last = "nothing";
        while (!late.IsCancellationRequested)
        {
            try
            {
                var answer = await frontend.GetAsync(target, AskBound, headers);
                if (isWanted(answer))
                {
                    return answer;
                }

                last = $"{answer.Status}: {answer.Body}";
                if (answer.Status is 404 or 410)
                {
                    break;
                }
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                last = failure.Message;
            }

            await Task.Delay(100, CancellationToken.None);
        }

        Fault(job, $"has no result at {frontend.Name}: {last}");
        return null;
    }
}
