using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies.Parts;

/// <summary>More than the backend can do: what it does all the same, how much gets in, and what becomes of the rest; through one proxy, and through several.</summary>
internal static class OverloadPart
{
    private const int Limit = 8;
    private const double Enough = 0.99;
    private const double Capacity = Limit * 1000 / Outcome.WorkMs;

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly Bound Refuse = new(Limit, 0, TimeSpan.Zero);
    private static readonly Bound Wait = new(Limit, 100, TimeSpan.FromMilliseconds(500));

    private static readonly Demand Never = Demand.Closed(2 * Limit);
    private static readonly Demand TenTimes = Demand.Open($"{10 * Capacity:#,0}/s", 10 * Capacity, Patience);
    private static readonly Demand[] Alone = [Demand.Closed(64), Demand.Closed(512), TenTimes];
    private static readonly Demand[] Shared = [Demand.Open($"{1.1 * Capacity:0}/s, 90/10", 1.1 * Capacity, Patience), TenTimes with { Name = $"{TenTimes.Name}, 90/10" }];

    private static readonly Peer Admission = Gateway.Alone("Admission, queue 100", Wait);
    private static readonly Peer Haproxy = HAProxy.Forwarding($"HAProxy `maxconn {Limit}`, queue 100", Wait);
    private static readonly Peer[] One =
    [
        Nginx.Forwarding($"nginx `limit_conn {Limit}`", Limit), Haproxy, Yarp.Limited("ASP.NET's limiter, queue 100", Wait),
        Gateway.Alone("Admission, refuse", Refuse), Admission,
    ];

    private static readonly Peer Unlimited = Yarp.Plain("plain YARP (no limit)");

    public static async Task<PartResult> MeasureAsync()
    {
        var each = Rounds.Each(3);
        var clusters = new[] { 2, 4 }.ToDictionary(count => count, count => Gateway.Cluster($"{count} x Admission, one cluster", count, Wait));
        var ideal = new Cell(Peer.Direct, Never);
        List<Cell> cells =
        [
            ideal,
            .. from demand in Alone from peer in One select new Cell(peer, demand),
            new(Unlimited, TenTimes),
            .. from count in clusters.Keys from demand in Shared from peer in Several(count, clusters[count]) select new Cell(peer, demand),
        ];
        Dictionary<Cell, List<Seen>> runs;
        await using (var stands = new Stands(Limit, WarmAsync))
        {
            runs = await Rounds.MeasureAsync(cells, async cell => await RunAsync(await stands.OfAsync(cell.Peer), cell, each));
        }

        var most = runs[ideal].ConvertAll(seen => seen.Outcome.Served);
        var result = new PartResult("overload")
        {
            Settings = $"{Rounds.Count} rounds of {each.TotalSeconds:0} s each, in turn, the first second of each not counted; medians, least and most in brackets; ratios round by round.",
            Notes =
            {
                $"A backend with {Limit} workers and {Outcome.WorkMs:0} ms of work that does not notice when a client leaves. Ideal is what it does without a proxy when it is never idle: {Figure.Of(most).ToText("0.0")}/s. "
                + "Clients (closed loop) come back at once when served, after 100 ms when refused; at a fixed rate (open loop) each request has a connection of its own and leaves after a second. Latencies in ms.",
                $"{Nginx.Setup}; it has no queue. {HAProxy.Setup}. {Yarp.Setup}. {Gateway.Setup}; the longest wait is 0.5 s, for HAProxy too. "
                + "Several of Admission are gateways of one cluster, with a silo and PostgreSQL, each a process of its own. 90/10: 90 % of the requests go to the first proxy, the others share the rest.",
                $"The load generator, in one process, used {Figure.Of(runs.Where(cell => cell.Key != ideal).SelectMany(cell => cell.Value).Select(seen => seen.GeneratorCpu)).ToText()} of one core.",
            },
        };
        result.Tables.Add(Table("One proxy", cells.Where(cell => One.Contains(cell.Peer) || cell.Peer == Unlimited)));
        result.Tables.Add(Table("Several proxies, uneven load", cells.Where(cell => Shared.Contains(cell.Demand))));
        AddGoals("one gateway", [Admission]);
        AddGoals("two and four gateways of one cluster", [.. clusters.Values]);
        return result;

        Figure OfIdeal(Cell cell) => Figure.Ratio(runs[cell].ConvertAll(seen => seen.Outcome.Served), most);

        ResultTable Table(string title, IEnumerable<Cell> some)
        {
            var table = new ResultTable(title, ["load", "in front of the backend", "served in time/s", "of the ideal", "most at the backend", "refused/s", "left/s", "served p50, p99", "refused p50, p99"], []);
            foreach (var cell in some)
            {
                var seen = runs[cell];
                table.Add(
                    cell.Demand.Name, cell.Peer.Name, Figure.Of(seen.Select(run => run.Outcome.Served)).ToText("0.0"), OfIdeal(cell).ToText("0.000"), $"{seen.Max(run => run.Greatest)}",
                    $"{Figure.Of(seen.Select(run => run.Outcome.Refused)).Median:0}", $"{Figure.Of(seen.Select(run => run.Outcome.Left + run.Outcome.Other)).Median:0}",
                    Latencies(seen.Select(run => run.Outcome.ServedLatency)), Latencies(seen.Select(run => run.Outcome.RefusedLatency)));
            }

            return table;
        }

        void AddGoals(string what, Peer[] peers)
        {
            var mine = cells.Where(cell => peers.Contains(cell.Peer)).ToArray();
            result.Goals.Add(new(
                $"With {what} at least {Enough:0 %} of the ideal, with a queue.",
                $"{string.Join(", ", mine.Select(cell => $"{OfIdeal(cell).Median:0.000} ({(peers.Length > 1 ? $"{cell.Peer.Name[..1]} gateways, " : "")}{cell.Demand.Name})"))}. "
                + $"One HAProxy: {string.Join(", ", cells.Where(cell => cell.Peer == Haproxy).Select(cell => $"{OfIdeal(cell).Median:0.000} ({cell.Demand.Name})"))}.",
                mine.All(cell => OfIdeal(cell).Median >= Enough)));
            var greatest = mine.Max(cell => runs[cell].Max(seen => seen.Greatest));
            result.Goals.Add(new($"With {what} never above the limit of {Limit}.", $"{greatest} at most.", greatest <= Limit));
        }
    }

    /// <summary>So many proxies: HAProxy with its part of the limit each, with the whole limit each, and Admission.</summary>
    private static Peer[] Several(int count, Peer cluster) =>
        [SideBySides[(count, Limit / count)], SideBySides[(count, Limit)], cluster];

    private static readonly Dictionary<(int Count, int Limit), Peer> SideBySides = new[] { (2, 4), (2, Limit), (4, 2), (4, Limit) }.ToDictionary(
        each => each, each => Peer.SideBySide(each.Item1, $"{each.Item1} x HAProxy `maxconn {each.Item2}`", HAProxy.Forwarding("", new(each.Item2, 100, Wait.LongestWait))));

    private static string Latencies(IEnumerable<Latency?> all)
    {
        Latency[] some = [.. all.OfType<Latency>()];
        return some.Length == 0 ? "-" : $"{Figure.Of(some.Select(latency => latency.P50)).Median:0.0}, {Figure.Of(some.Select(latency => latency.P99)).Median:0.0}";
    }

    // Compiled and connected, by requests that are served and, where there is a limit, by those that are refused. A cluster has more to compile.
    private static async Task WarmAsync(Peer peer, Stand stand)
    {
        _ = await Demand.Open("warm", 0.9 * Capacity, Patience).RunAsync(stand.Front, TimeSpan.FromSeconds(2));
        if (peer != Unlimited && peer != Peer.Direct)
        {
            _ = await TenTimes.RunAsync(stand.Front, TimeSpan.FromSeconds(stand.Front.Processes.Count > 2 ? 8 : 3));
        }
    }

    private static async Task<Seen> RunAsync(Stand stand, Cell cell, TimeSpan duration)
    {
        _ = await stand.AskAsync("/greatest"); // from here on
        var cpu = Environment.CpuUsage.TotalTime;
        var outcome = Outcome.Of(await cell.Demand.RunAsync(stand.Front, duration + Settled), Settled);
        var generator = (Environment.CpuUsage.TotalTime - cpu) / (duration + Settled);
        var seen = new Seen(outcome, await stand.AskAsync("/greatest"), generator);
        await Console.Error.WriteLineAsync(
            $"{cell.Demand.Name,-16} {cell.Peer.Name,-36} {outcome.Served,6:0.0}/s  refused {outcome.Refused,6:0}/s  left {outcome.Left,5:0}/s  other {outcome.Other:0}/s  most {seen.Greatest}  generator {generator:0.00}");
        return seen;
    }

    private sealed record Cell(Peer Peer, Demand Demand);

    private sealed record Seen(Outcome Outcome, long Greatest, double GeneratorCpu);
}
