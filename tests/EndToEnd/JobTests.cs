using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Admission.EndToEnd.Load;

namespace Admission.EndToEnd;

/// <summary>Deferred jobs through the real gateway: what was answered 202 survives kill -9 at any instant.</summary>
public sealed class JobTests
{
    private const int Clients = 8;
    private const int Seed = 7;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Every_job_that_was_answered_202_has_one_result_whenever_the_gateway_is_killed()
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 4);
        await using var gateway = await Gateway.InFrontOfAsync(
            new
            {
                Limit = 4, Overflow = "Defer", LeaseTtl = "1s", RunTimeout = "1s", Jobs = new { DeferAfter = "0ms", FirstDelay = "100ms", Attempts = 20 },
            },
            backend);
        var accepted = new ConcurrentDictionary<string, string>();
        var random = new Random(Seed);
        for (var kill = 0; kill < 2; kill++)
        {
            using var over = new CancellationTokenSource();
            var load = Enumerable.Range(0, Clients).Select(client => SubmitAsync(gateway.Port, $"{kill}-{client}", accepted, over.Token)).ToArray();
            var before = accepted.Count;
            await Until.TrueAsync(() => accepted.Count > before + 20, Bound, () => $"Nothing is stored.\n{gateway.Output}");
            await Task.Delay(random.Next(50, 600), CancellationToken.None);
            await gateway.KillAsync();
            await over.CancelAsync();
            await Task.WhenAll(load);
            await gateway.StartAsync();
        }

        var runs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, job) in accepted)
        {
            var result = await ResultAsync(gateway, job);
            result.Status.ShouldBe(200, result.Body);
            using var answer = JsonDocument.Parse(result.Body);
            (answer.RootElement.GetProperty("id").GetString(), answer.RootElement.GetProperty("text").GetString()).ShouldBe((id, $"the body of {id}"));
            runs.Add(answer.RootElement.GetProperty("run").GetString()!).ShouldBeTrue("two jobs have the answer of one run");

            // No two runs have the same answer, so that one which is recorded later would show.
            (await gateway.GetAsync(job + "/result")).Body.ShouldBe(result.Body);

            // The backend saw it once for each attempt at most, and each but the last was one whose gateway was killed.
            using var view = JsonDocument.Parse((await gateway.GetAsync(job)).Body);
            var attempts = view.RootElement.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("reason").GetString()).ToArray();
            attempts.Count(reason => reason is null).ShouldBe(1);
            backend.Journal.Started().Count(started => started == id).ShouldBeInRange(1, attempts.Length, id);
        }

        backend.Journal.Greatest().ShouldBeLessThanOrEqualTo(4);
    }

    private static async Task SubmitAsync(int port, string name, ConcurrentDictionary<string, string> accepted, CancellationToken over)
    {
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            var id = $"{name}-{i}";
            try
            {
                using var connection = await HttpConnection.OpenAsync(port, cancellation: over);
                await connection.SendAsync("POST", $"/work?id={id}&ms=20", "Prefer: respond-async\r\n", Encoding.UTF8.GetBytes($"the body of {id}"), over);
                var answer = await connection.ReadAsync(over);
                if (answer.Status == 202)
                {
                    accepted[id] = answer.Header("Location")!;
                }
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                // The gateway is killed: this one was not answered.
            }
        }
    }

    private static async Task<HttpAnswer> ResultAsync(Gateway gateway, string job)
    {
        HttpAnswer? answer = null;
        await Until.TrueAsync(
            async () =>
            {
                answer = await gateway.GetAsync(job + "/result", "Prefer: wait=20\r\n");
                return answer.Header("X-Admission-Job-State") is "done" or "dead" || answer.Status == 404;
            },
            Bound,
            () => $"The job does not end: {answer?.Head}\n{answer?.Body}\n{gateway.Output}");
        return answer!;
    }
}
