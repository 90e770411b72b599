using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;
using static Admission.Bench.Proxies.Parts.OverloadPlan;

namespace Admission.Bench.Proxies.Parts;

/// <summary>More than the backend can do: what it does all the same, how much gets in, and what becomes of the rest; through one proxy, and through several.</summary>
internal static class OverloadPart
{
    private const double Enough = 0.99;

    // Queues are full after a fraction of it.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500);

    // Compiled and connected: for all the same. The second is what a .NET program takes until its busiest methods are compiled for good.
    private static readonly TimeSpan WarmedAtEase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarmedBusy = TimeSpan.FromSeconds(4);

    /// <summary>Measures those peers alone whose name has a text in it, beside what no proxy does; for those who develop it.</summary>
    public static async Task TryAsync(string some)
    {
        await using var stands = new Stands(Limit, WarmAsync);
        Cell[] cells = [Ideal, Bare, .. One.Concat(Several).Where(cell => cell.Peer.Name.Contains(some, StringComparison.Ordinal))];
        var runs = await Rounds.MeasureAsync(cells, async cell => await RunAsync(await stands.OfAsync(cell.Peer), cell, Rounds.Each(2)));
        foreach (var (cell, seen) in runs)
        {
            Console.WriteLine($"{cell.Demand.Name,-18} {cell.Peer.Name,-36} {Figure.Of(seen.Select(run => run.Outcome.Served)).ToText("0.0")}/s  idle {Figure.Of(seen.Select(run => run.IdleMs)).ToText("0.00")} ms");
        }
    }

    public static async Task<PartResult> MeasureAsync()
    {
        var each = Rounds.Each(2);
        Dictionary<Cell, List<Seen>> runs;
        await using (var stands = new Stands(Limit, WarmAsync))
        {
            runs = await Rounds.MeasureAsync([Ideal, .. One, .. Several], async cell => await RunAsync(await stands.OfAsync(cell.Peer), cell, each));
        }

        var most = runs[Ideal].ConvertAll(seen => seen.Outcome.Served);
        var result = new PartResult("overload")
        {
            Settings = $"{Rounds.Count} rounds of {each.TotalSeconds:0} s each, in turn, the first {Settled.TotalSeconds:0.0} s of each not counted, every proxy warmed for {(WarmedAtEase + WarmedBusy).TotalSeconds:0} s; medians, least and most in brackets; ratios round by round.",
            Notes =
            {
                $"A backend with {Limit} workers and {Outcome.WorkMs:0} ms of work that does not notice when a client leaves. Ideal is what it does without a proxy when it is never idle: {Figure.Of(most).ToText("0.0")}/s. "
                + "Idle: for how long a worker that was done waited for its next request, on average: the answer's way through the proxy's reading of it, and the next request's way back. "
                + "Clients (closed loop) come back at once when served, after 100 ms when refused; at a fixed rate (open loop) each request has a connection of its own and leaves after a second. Latencies in ms.",
                "Where nobody queues (`limit_conn`, refuse), a permit waits in addition for the next client to come by: 64 clients of whom 56 pause for 100 ms come every 1.8 ms.",
                $"{Nginx.Setup}; it has no queue. {HAProxy.Setup}. {Yarp.Setup}. {Gateway.Setup}; the longest wait is 0.5 s, for HAProxy too. "
                + "Several of Admission are gateways of one cluster, with a silo and PostgreSQL, each a process of its own. 90/10: 90 % of the load goes to the first proxy, the others share the rest.",
                $"The load generator, in one process, used {Figure.Of(runs.Where(cell => cell.Key != Ideal).SelectMany(cell => cell.Value).Select(seen => seen.GeneratorCpu)).ToText()} of one core.",
            },
        };
        result.Tables.Add(Table("One proxy", One));
        result.Tables.Add(Table("Several proxies, uneven load", Several));
        AddGoals("one gateway", [OneGateway]);
        AddGoals("two and four gateways of one cluster", Clusters);
        return result;

        Figure OfIdeal(Cell cell) => Figure.Ratio(runs[cell].ConvertAll(seen => seen.Outcome.Served), most);

        ResultTable Table(string title, IEnumerable<Cell> some)
        {
            var table = new ResultTable(
                title,
                ["load", "in front of the backend", "served in time/s", "of the ideal", "idle ms", "most at the backend", "refused/s", "left/s", "errors/s", "served p50, p99", "refused p50, p99"],
                []);
            foreach (var cell in some)
            {
                var seen = runs[cell];
                table.Add(
                    cell.Demand.Name, cell.Peer.Name, Median(seen, run => run.Outcome.Served, "0.0"), OfIdeal(cell).ToText("0.000"), Median(seen, run => run.IdleMs, "0.00"), $"{seen.Max(run => run.Greatest)}",
                    Median(seen, run => run.Outcome.Refused, "0"), Median(seen, run => run.Outcome.Left, "0"), Median(seen, run => run.Outcome.Other, "0"),
                    Latencies(seen.Select(run => run.Outcome.ServedLatency)), Latencies(seen.Select(run => run.Outcome.RefusedLatency)));
            }

            return table;
        }

        void AddGoals(string what, Peer[] peers)
        {
            var mine = One.Concat(Several).Where(cell => peers.Contains(cell.Peer)).ToArray();
            result.Goals.Add(new(
                $"With {what} at least {Enough:0 %} of the ideal, with a queue.",
                $"{string.Join(", ", mine.Select(cell => $"{OfIdeal(cell).Median:0.000} ({(peers.Length > 1 ? $"{cell.Peer.Name[..1]} gateways, " : "")}{cell.Demand.Name})"))}. "
                + $"One HAProxy: {string.Join(", ", One.Where(cell => cell.Peer == Haproxy).Select(cell => $"{OfIdeal(cell).Median:0.000} ({cell.Demand.Name})"))}.",
                mine.All(cell => OfIdeal(cell).Median >= Enough)));
            var greatest = mine.Max(cell => runs[cell].Max(seen => seen.Greatest));
            result.Goals.Add(new($"With {what} never above the limit of {Limit}.", $"{greatest} at most.", greatest <= Limit));
        }
    }

    private static string Median(List<Seen> seen, Func<Seen, double> figure, string format) => Figure.Of(seen.Select(figure)).Median.ToString(format);

    private static string Latencies(IEnumerable<Latency?> all)
    {
        Latency[] some = [.. all.OfType<Latency>()];
        return some.Length == 0 ? "-" : $"{Figure.Of(some.Select(latency => latency.P50)).Median:0.0}, {Figure.Of(some.Select(latency => latency.P99)).Median:0.0}";
    }

    // By requests that are served and, where there is a limit, by those that are refused.
    private static async Task WarmAsync(Peer peer, Stand stand)
    {
        _ = await Demand.Open("warm", 0.9 * Capacity, OverloadPlan.Patience).RunAsync(stand.Front, WarmedAtEase);
        if (peer != Ideal.Peer && peer != Bare.Peer)
        {
            _ = await TenTimes.RunAsync(stand.Front, WarmedBusy);
        }
    }

    private static async Task<Seen> RunAsync(Stand stand, Cell cell, TimeSpan duration)
    {
        _ = await stand.AskAsync("/greatest"); // from here on
        var cpu = Environment.CpuUsage.TotalTime;
        var load = cell.Demand.RunAsync(stand.Front, duration + Settled);
        await Task.Delay(Settled);
        _ = await stand.AskAsync("/idle"); // from here on
        await Task.Delay(duration * 0.9);
        var idle = await stand.AskAsync("/idle") / 1000.0;
        var outcome = Outcome.Of(await load, Settled);
        var generator = (Environment.CpuUsage.TotalTime - cpu) / (duration + Settled);
        var seen = new Seen(outcome, await stand.AskAsync("/greatest"), generator, idle);
        await Console.Error.WriteLineAsync(
            $"{cell.Demand.Name,-16} {cell.Peer.Name,-36} {outcome.Served,6:0.0}/s  idle {idle:0.00} ms  refused {outcome.Refused,6:0}/s  left {outcome.Left,5:0}/s  other {outcome.Other:0}/s  most {seen.Greatest}  generator {generator:0.00}");
        return seen;
    }

    private sealed record Seen(Outcome Outcome, long Greatest, double GeneratorCpu, double IdleMs);
}
