using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies.Parts;

/// <summary>A backend that answers at once, and nobody waits: what each proxy costs.</summary>
internal static class GatewayPart
{
    private const double Enough = 0.95;

    private static readonly int[] Connections = [16, 64, 256];

    private static readonly TimeSpan WarmedFor = TimeSpan.FromSeconds(7);

    private static readonly Peer Plain = Yarp.Plain();
    private static readonly Peer Admission = Gateway.Alone("Admission", new(Limit: 1000, Queue: 0, TimeSpan.Zero));
    private static readonly Peer Haproxy = HAProxy.Forwarding("HAProxy");
    private static readonly Peer[] Peers = [Peer.Direct, Plain, Nginx.Forwarding("nginx"), Haproxy, Admission];

    public static async Task<PartResult> MeasureAsync()
    {
        var each = Rounds.Each(6);
        var result = new PartResult("gateway")
        {
            Settings = $"wrk with 2 threads; {Rounds.Count} rounds of {each.TotalSeconds:0} s each, in turn; medians, least and most in brackets; ratios round by round.",
            Notes =
            {
                "CPU is that of all the proxy's processes, for 'no proxy' of the backend itself. Nothing is refused: the limit is 1,000.",
                $"{Nginx.Setup}. {HAProxy.Setup}. Plain YARP: its defaults, logging as the gateway does.",
            },
        };
        await using var stands = new Stands(workers: 8, WarmAsync);
        var table = new ResultTable("A backend that answers at once", ["connections", "in front of the backend", "requests/s", "p50 ms", "p99 ms", "CPU us/request", "requests/s against plain YARP", "CPU against plain YARP"], []);
        var bars = Peers.ToDictionary(peer => peer, _ => new List<double>());
        var (rates, costs, gaps) = (new List<Figure>(), new List<Figure>(), new List<string>());
        foreach (var connections in Connections)
        {
            var runs = await Rounds.MeasureAsync(Peers, async peer => await RunAsync(await stands.OfAsync(peer), connections, each, peer.Name));
            foreach (var peer in Peers)
            {
                var (rate, cost) = (Against(runs, peer, Plain, run => run.Wrk.PerSecond), Against(runs, peer, Plain, run => run.CpuMicroseconds));
                table.Add(
                    $"{connections}", peer.Name, Text(runs[peer], run => run.Wrk.PerSecond, "0"), Text(runs[peer], run => run.Wrk.P50), Text(runs[peer], run => run.Wrk.P99),
                    Text(runs[peer], run => run.CpuMicroseconds, "0.0"), rate.ToText(), peer == Peer.Direct ? "-" : cost.ToText());
                bars[peer].Add(Figure.Of(runs[peer].Select(run => run.Wrk.PerSecond)).Median);
            }

            rates.Add(Against(runs, Admission, Plain, run => run.Wrk.PerSecond));
            costs.Add(Against(runs, Admission, Plain, run => run.CpuMicroseconds));
            gaps.Add($"{Against(runs, Haproxy, Admission, run => run.Wrk.PerSecond).Median:0.0} times the requests/s for {Against(runs, Haproxy, Admission, run => run.CpuMicroseconds).Median:0.00} of the CPU at {connections}");
        }

        result.Tables.Add(table);
        result.Notes.Add($"The gap to HAProxy: against Admission it serves {string.Join(", ", gaps)} connections.");
        result.Goals.Add(new($"At least {Enough} times the requests/s of plain YARP.", PerConnections(rates), rates.TrueForAll(ratio => ratio.Median >= Enough)));
        result.Goals.Add(new($"At most 1/{Enough} = {1 / Enough:0.00} times the CPU of plain YARP for a request.", PerConnections(costs), costs.TrueForAll(ratio => ratio.Median <= 1 / Enough)));
        result.Plots.Add(new("gateway", "Requests/s on a backend that answers at once", "connections", "requests/s", [.. Peers.Select(peer => new ResultSeries(peer.Name, [], [.. bars[peer]]))])
        {
            Categories = [.. Connections.Select(connections => $"{connections}")],
        });
        return result;
    }

    private static string PerConnections(List<Figure> ratios) => $"{string.Join(", ", ratios.Select((ratio, index) => $"{ratio.ToText()} at {Connections[index]}"))} connections.";

    private static string Text(List<Run> runs, Func<Run, double> figure, string format = "0.00") => Figure.Of(runs.Select(figure)).ToText(format);

    private static Figure Against(Dictionary<Peer, List<Run>> runs, Peer one, Peer other, Func<Run, double> figure) =>
        Figure.Ratio([.. runs[one].Select(figure)], [.. runs[other].Select(figure)]);

    // Compiled, connected, and compiled again with what the runtime has seen: on two cores that takes plain YARP some ten seconds under load, and the gateway, which has more code, some fifteen.
    private static async Task WarmAsync(Peer peer, Stand stand)
    {
        foreach (var connections in Connections)
        {
            _ = await Wrk.RunAsync(stand.Front.Ports[0], connections, WarmedFor);
        }
    }

    private static async Task<Run> RunAsync(Stand stand, int connections, TimeSpan duration, string name)
    {
        var before = stand.Front.Cpu;
        var wrk = await Wrk.RunAsync(stand.Front.Ports[0], connections, duration);
        var cpu = stand.Front.Cpu - before;
        if (wrk.Refused > 0)
        {
            throw new InvalidOperationException($"{name} has answered {wrk.Refused} of {wrk.Requests} requests with an error.");
        }

        await Console.Error.WriteLineAsync($"{connections,4} {name,-12} {wrk.PerSecond,8:0}/s  p50 {wrk.P50:0.00} ms  p99 {wrk.P99:0.00} ms  {cpu.TotalMicroseconds / wrk.Requests:0.0} us");
        return new(wrk, cpu.TotalMicroseconds / wrk.Requests);
    }

    private sealed record Run(Wrk Wrk, double CpuMicroseconds);
}
