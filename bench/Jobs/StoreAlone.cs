using System.Diagnostics;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Jobs.Bench;

/// <summary>The store without a gateway: clients in this process, each of which waits for its commit.</summary>
internal static class StoreAlone
{
    /// <summary>The clients.</summary>
    public const int Clients = 256;

    private const int Tenants = 10;
    private const int PlacesOfAGateway = 256;

    private static readonly JobPolicy Policy = new() { Capacity = 10_000_000, MaxFinished = 10_000_000, MaxStored = 1L << 40 };
    private static readonly byte[] Body = new byte[JobsPart.BodyBytes];

    private static readonly byte[] Request = new StoredRequest
    {
        Method = "POST", Scheme = "http", Host = "gateway.example", Path = "/rows", Route = "all",
        Headers = new Dictionary<string, string?[]> { ["Content-Type"] = ["application/json"], ["Accept"] = ["*/*"], ["User-Agent"] = ["bench"] },
    }.ToBytes();

    /// <summary>Stores for so long, and then takes up, marks as sent and records for so long what was stored.</summary>
    /// <param name="database">An empty database.</param>
    /// <param name="server">PostgreSQL's process; null for none.</param>
    /// <param name="lasts">How long each of the two.</param>
    public static async Task<(Stored Accepted, Stored Run)> MeasureAsync(JobDatabase database, int? server, TimeSpan lasts)
    {
        await using var store = new SqlJobStore(database, TimeProvider.System, NullLogger<SqlJobStore>.Instance);
        await store.OpenAsync(CancellationToken.None);
        _ = await AcceptAsync(store, TimeSpan.FromSeconds(1));
        return (await MeasureAsync(server, () => AcceptAsync(store, lasts)), await MeasureAsync(server, () => RunAsync(store, lasts)));
    }

    private static async Task<(double PerSecond, List<double> Times)> AcceptAsync(SqlJobStore store, TimeSpan lasts)
    {
        var begun = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var own = new List<double>();
            while (Stopwatch.GetElapsedTime(begun) < lasts)
            {
                var asked = Stopwatch.GetTimestamp();
                var answer = await store.AcceptAsync(new NewJob(JobId.Create(), "model", $"tenant{client % Tenants}", Request, Body, Policy), CancellationToken.None);
                Expect(answer.Outcome == AcceptOutcome.Stored, "A job was not stored.");
                own.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }

            return own;
        })));
        var all = times.SelectMany(own => own).Order().ToList();
        return (all.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds, all);
    }

    private static async Task<(double PerSecond, List<double> Times)> RunAsync(SqlJobStore store, TimeSpan lasts)
    {
        var begun = Stopwatch.GetTimestamp();
        var times = new List<double>();
        string? after = null;
        var end = new JobEnd(JobState.Done, TimeSpan.FromHours(1))
        {
            Attempt = new JobAttempt(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 200, null),
            Result = new JobResult(200, new Dictionary<string, string?[]> { ["Content-Type"] = ["text/plain"] }, Body),
        };
        while (Stopwatch.GetElapsedTime(begun) < lasts)
        {
            var claims = await store.ClaimAsync("model", PlacesOfAGateway, TimeSpan.FromMinutes(1), "bench", ClaimTurns.Following(after), CancellationToken.None);
            if (claims.Count == 0)
            {
                break;
            }

            after = claims[^1].Tenant;
            times.AddRange(await Task.WhenAll(claims.Select(async claim =>
            {
                var asked = Stopwatch.GetTimestamp();
                Expect(await store.MarkAsync(claim, sent: true, TimeSpan.FromMinutes(1), CancellationToken.None), "A claim was lost.");
                Expect(await store.FinishAsync(claim, end, CancellationToken.None), "A result was not recorded.");
                return Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
            })));
        }

        return (times.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds, [.. times.Order()]);
    }

    private static async Task<Stored> MeasureAsync(int? server, Func<Task<(double PerSecond, List<double> Times)>> measure)
    {
        var (own, other) = (Environment.CpuUsage.TotalTime, OfServer());
        var (perSecond, times) = await measure();
        Expect(times.Count > 0, "Nothing was done.");
        return new(perSecond, Quantile(0.5), Quantile(0.99), PerJob(Environment.CpuUsage.TotalTime - own), PerJob(OfServer() - other));

        double Quantile(double share) => times[Math.Min(times.Count - 1, (int)(times.Count * share))];
        double PerJob(TimeSpan used) => used.TotalMicroseconds / times.Count;
        TimeSpan OfServer() => server is { } process ? ProcessUse.CpuOfFamily(process) : TimeSpan.Zero;
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
