// How many jobs a store takes in, durably, and how many it hands out and records:
//   Admission.Jobs.Bench sqlite FOLDER SECONDS CLIENTS
//   Admission.Jobs.Bench postgres CONNECTION_STRING SECONDS CLIENTS [SERVER_PROCESS]
// Each client stores one job after the other and waits for each to be on disk. bench/jobs.sh starts PostgreSQL and runs it.
using System.Diagnostics;
using System.Globalization;
using Admission.Jobs;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging.Abstractions;

if (args is not [("sqlite" or "postgres") and var kind, var where, var seconds, var clients, .. var rest])
{
    Console.Error.WriteLine("Admission.Jobs.Bench sqlite|postgres FOLDER|CONNECTION_STRING SECONDS CLIENTS [SERVER_PROCESS]");
    return 2;
}

JobDatabase database = kind == "sqlite" ? new SqliteJobDatabase(where, TimeProvider.System) : new PostgresJobDatabase(where, "bench");
await using var store = new SqlJobStore(database, TimeProvider.System, NullLogger<SqlJobStore>.Instance);
await store.OpenAsync(CancellationToken.None);
var time = TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));
var atOnce = int.Parse(clients, CultureInfo.InvariantCulture);
var policy = new JobPolicy { Capacity = 10_000_000, MaxStored = 1L << 40 };
var request = new StoredRequest
{
    Method = "POST", Scheme = "http", Host = "gateway.example", Path = "/rows", Route = "all",
    Headers = new Dictionary<string, string?[]> { ["Content-Type"] = ["application/json"], ["Accept"] = ["*/*"], ["User-Agent"] = ["bench"] },
}.ToBytes();
var body = new byte[256];

await StoreAsync(TimeSpan.FromSeconds(1));
await MeasureAsync("stored", () => StoreAsync(time));
await MeasureAsync("run (taken up, recorded)", RunAsync);
return 0;

async Task<(double Rate, List<double> Latencies)> StoreAsync(TimeSpan lasts)
{
    var begun = Stopwatch.GetTimestamp();
    var latencies = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(client => Task.Run(async () =>
    {
        var own = new List<double>();
        while (Stopwatch.GetElapsedTime(begun) < lasts)
        {
            var asked = Stopwatch.GetTimestamp();
            var answer = await store.AcceptAsync(new NewJob(JobId.Create(), "model", $"tenant{client % 10}", request, body, policy), CancellationToken.None);
            if (answer.Outcome != AcceptOutcome.Stored)
            {
                throw new InvalidOperationException($"A job was answered {answer.Outcome}.");
            }

            own.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }

        return own;
    })));
    var all = latencies.SelectMany(own => own).Order().ToList();
    return (all.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds, all);
}

// As many places as a gateway has by default.
async Task<(double Rate, List<double> Latencies)> RunAsync()
{
    var begun = Stopwatch.GetTimestamp();
    var done = new List<double>();
    string? after = null;
    while (Stopwatch.GetElapsedTime(begun) < time)
    {
        var claims = await store.ClaimAsync("model", 256, TimeSpan.FromMinutes(1), "bench", after, CancellationToken.None);
        if (claims.Count == 0)
        {
            break;
        }

        after = claims[^1].Tenant;
        var end = new JobEnd(JobState.Done, TimeSpan.FromHours(1))
        {
            Attempt = new JobAttempt(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 200, null),
            Result = new JobResult(200, new Dictionary<string, string?[]> { ["Content-Type"] = ["text/plain"] }, body),
        };
        done.AddRange(await Task.WhenAll(claims.Select(async claim =>
        {
            var asked = Stopwatch.GetTimestamp();
            if (!await store.FinishAsync(claim, end, CancellationToken.None))
            {
                throw new InvalidOperationException("A result was not recorded.");
            }

            return Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        })));
    }

    return (done.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds, [.. done.Order()]);
}

// The processor time per job tells what the machine can do when it has nothing else to do, also where it has.
async Task MeasureAsync(string what, Func<Task<(double Rate, List<double> Latencies)>> measure)
{
    var (own, server) = (Environment.CpuUsage.TotalTime, ServerTime());
    var (rate, latencies) = await measure();
    var (ownAfter, serverAfter) = (Environment.CpuUsage.TotalTime, ServerTime());
    double Quantile(double share) => latencies.Count == 0 ? 0 : latencies[Math.Min(latencies.Count - 1, (int)(latencies.Count * share))];
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}: {rate:0} jobs/s, commit p50 {Quantile(0.5):0.0} ms, p99 {Quantile(0.99):0.0} ms, {latencies.Count} jobs; processor per job: {PerJob(ownAfter - own):0} us here, {PerJob(serverAfter - server):0} us in the server"));

    double PerJob(TimeSpan used) => used.TotalMicroseconds / Math.Max(1, latencies.Count);
}

// Of PostgreSQL and of the processes that it has started, one for each connection; in clock ticks of 10 ms.
TimeSpan ServerTime()
{
    if (rest is not [var server])
    {
        return TimeSpan.Zero;
    }

    long ticks = 0;
    foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _)))
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[1] == server || Path.GetFileName(folder) == server)
            {
                ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }
    }

    return TimeSpan.FromMilliseconds(10 * ticks);
}
