// One decision, admitted or refused, of Admission and of the limiters of one process: nanoseconds and bytes.
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using Admission.Bench;
using Admission.Capacity;
using Admission.Client;
using Admission.Client.RateLimiting;
using Admission.Decision;
using Polly;

const int Limit = 128;
const int Destinations = 64;
const string Peer = "ConcurrencyLimiter";
var each = TimeSpan.FromSeconds(Rounds.Each(1).TotalSeconds);

await using var silo = await EmbeddedSilo.StartAsync();
var client = silo.Client;
await Configure("free", new() { Limit = Limit });
await Configure("spread", new()
{
    Destinations = [.. Enumerable.Range(0, Destinations).Select(number => new DestinationLimit($"d{number}", Limit / Destinations))],
});
await Configure("full", new() { Limit = 1 });
var (free, spread, full) = (client.Find("free")!, client.Find("spread")!, client.Find("full")!);
using var occupant = (await full.AcquireAsync()).Permit;

// Half of them are in use, so that idle ones lie at many destinations.
var held = new List<AdmittedPermit>();
for (var i = 0; i < Destinations; i++)
{
    held.Add((await spread.AcquireAsync()).Permit);
}

using var limiter = new ConcurrencyLimiter(new() { PermitLimit = Limit, QueueLimit = Limit });
using var fullLimiter = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 0 });
using var fullLease = fullLimiter.AttemptAcquire();
using var admissionLimiter = new AdmissionRateLimiter(client, "free");
using var fullAdmissionLimiter = new AdmissionRateLimiter(client, "full");
using var semaphore = new SemaphoreSlim(Limit);
using var fullSemaphore = new SemaphoreSlim(0);
var pipeline = new ResiliencePipelineBuilder().AddStrategy(_ => new LimiterStrategy(limiter), new LimiterStrategyOptions()).Build();

var admitting = new Dictionary<string, Func<int, DecisionCost>>
{
    [Peer] = threads => DecisionLoop.Measure(new LimiterDecision(limiter), admitted: true, threads, each),
    ["SemaphoreSlim"] = threads => DecisionLoop.Measure(new SemaphoreDecision(semaphore), admitted: true, threads, each),
    ["Polly around ConcurrencyLimiter"] = threads => DecisionLoop.Measure(new PollyDecision(pipeline), admitted: true, threads, each),
    ["a counter, compare-and-swap"] = threads => DecisionLoop.Measure(new CounterDecision(new StrongBox<int>(Limit)), admitted: true, threads, each),
    ["Admission"] = threads => DecisionLoop.Measure(new BackendDecision(free), admitted: true, threads, each),
    [$"Admission, {Destinations} destinations"] = threads => DecisionLoop.Measure(new BackendDecision(spread), admitted: true, threads, each),
    ["Admission, by name, as a task"] = threads => DecisionLoop.Measure(new ClientDecision(client, "free"), admitted: true, threads, each),
    ["AdmissionRateLimiter"] = threads => DecisionLoop.Measure(new LimiterDecision(admissionLimiter), admitted: true, threads, each),
};
var refusing = new Dictionary<string, Func<int, DecisionCost>>
{
    [Peer] = threads => DecisionLoop.Measure(new LimiterDecision(fullLimiter), admitted: false, threads, each),
    ["SemaphoreSlim"] = threads => DecisionLoop.Measure(new SemaphoreDecision(fullSemaphore), admitted: false, threads, each),
    ["a counter, compare-and-swap"] = threads => DecisionLoop.Measure(new CounterDecision(new StrongBox<int>(0)), admitted: false, threads, each),
    ["Admission"] = threads => DecisionLoop.Measure(new BackendDecision(full), admitted: false, threads, each),
    ["Admission, named and recorded"] = threads => DecisionLoop.Measure(new NamedDecision(full), admitted: false, threads, each),
    ["Admission, by name, as a task"] = threads => DecisionLoop.Measure(new ClientDecision(client, "full"), admitted: false, threads, each),
    ["AdmissionRateLimiter"] = threads => DecisionLoop.Measure(new LimiterDecision(fullAdmissionLimiter), admitted: false, threads, each),
};

var result = new PartResult("decision") { Settings = $"Medians of {Rounds.Count} rounds of {each.TotalSeconds:0} s, in turn." };
var admitted = await TableAsync("Admitted and given back", admitting);
var refused = await TableAsync("Refused", refusing);
foreach (var (name, destinations) in new[] { ("Admission", 1), ($"Admission, {Destinations} destinations", Destinations) })
{
    foreach (var threads in new[] { 1, 2 })
    {
        var costs = admitted[threads];
        var (ratio, bytes) = (Ratio(costs, name), Bytes(costs[name]));
        result.Goals.Add(new(
            $"no slower than ConcurrencyLimiter, and 0 B: {threads} thread{(threads == 1 ? "" : "s")}, {destinations} destination{(destinations == 1 ? "" : "s")}.",
            $"{ratio.ToText("0.00")} of its time, {bytes:0.##} B.", ratio.Median <= 1 && bytes < 0.5));
    }
}

var (refusals, refusedBytes) = (Nanoseconds(refused[1]["Admission"]), Bytes(refused[1]["Admission"]));
var mean = Figure.Of(refused[1]["Admission"].Select(cost => cost.Mean));
result.Goals.Add(new(
    "refused in no more than 10 ns.",
    $"{refusals.ToText("0.0")} ns, {mean.ToText("0.0")} on average, {refusedBytes:0.##} B; ConcurrencyLimiter in the same run {Nanoseconds(refused[1][Peer]).ToText("0.0")}.",
    refusals.Median <= 10 && refusedBytes < 0.5));
result.Notes.Add(
    "ns are of one thread, the median of batches: with two, each does so many. The limiters of one process keep a limit in one process; Admission's permit is exact over the cluster. " +
    "Polly's figure is Polly.Core's pipeline with what Polly.RateLimiting does in it: that package was not in the feed. It throws on a refusal, which takes microseconds and is not shown.");
result.Write();
held.ForEach(permit => permit.Dispose());

// The costs by the number of threads.
async Task<Dictionary<int, Dictionary<string, List<DecisionCost>>>> TableAsync(string title, Dictionary<string, Func<int, DecisionCost>> subjects)
{
    var table = new ResultTable(title, ["", "1 thread, ns", "mean", $"of {Peer}", "2 threads, ns", $"of {Peer}", "allocated, B"], []);
    var one = await Rounds.MeasureAsync([.. subjects.Keys], subject => Task.FromResult(subjects[subject](1)));
    var two = await Rounds.MeasureAsync([.. subjects.Keys], subject => Task.FromResult(subjects[subject](2)));
    foreach (var name in subjects.Keys)
    {
        table.Add(
            name, Nanoseconds(one[name]).ToText("0.0"), $"{Figure.Of(one[name].Select(cost => cost.Mean)).Median:0.0}", Ratio(one, name).ToText("0.00"), Nanoseconds(two[name]).ToText("0.0"), Ratio(two, name).ToText("0.00"),
            $"{Bytes(one[name]):0.##}");
        Console.Error.WriteLine(string.Join(" | ", table.Rows[^1]));
    }

    result.Tables.Add(table);
    return new() { [1] = one, [2] = two };
}

static double Bytes(List<DecisionCost> costs) => Figure.Of(costs.Select(cost => cost.Bytes)).Median;

static Figure Nanoseconds(List<DecisionCost> costs) => Figure.Of(costs.Select(cost => cost.Nanoseconds));

static Figure Ratio(Dictionary<string, List<DecisionCost>> costs, string name) =>
    Figure.Ratio([.. costs[name].Select(cost => cost.Nanoseconds)], [.. costs[Peer].Select(cost => cost.Nanoseconds)]);

async Task Configure(string backend, BackendPolicy policy)
{
    var answer = await client.ConfigureAsync(backend, policy);
    if (answer.Version == 0)
    {
        throw new InvalidOperationException($"'{backend}' was not configured: {string.Join(" ", answer.Errors)}");
    }
}
