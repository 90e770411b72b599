using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies.Parts;

/// <summary>Clients that leave after 200 ms, at twice the capacity, and a long queue: who is served in time, and how much of the work is for those who have left.</summary>
internal static class PatiencePart
{
    private const int Limit = 8;
    private const double Capacity = Limit * 1000 / Outcome.WorkMs;
    private const double EnoughInTime = 150;
    private const double MostWasted = 0.05;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly Bound Wait = new(Limit, 1000, TimeSpan.FromSeconds(30));
    private static readonly Demand Twice = Demand.Open("twice", 2 * Capacity, Patience);

    private static readonly Peer Admission = Gateway.Alone("Admission", Wait);
    private static readonly Peer[] Peers =
    [
        Admission, Gateway.Alone("Admission, `Queue:Patience: Off`", Wait, "--Admission:Backends:backend:Queue:Patience", "Off"),
        Nginx.Forwarding("nginx, no queue", Limit), HAProxy.Forwarding("HAProxy, told to wait 100 ms", Wait with { LongestWait = TimeSpan.FromMilliseconds(100) }),
        HAProxy.Forwarding("HAProxy, `abortonclose`", Wait), HAProxy.Forwarding("HAProxy", Wait, aborts: false), Yarp.Limited("ASP.NET's limiter", Wait),
    ];

    public static async Task<PartResult> MeasureAsync()
    {
        var each = Rounds.Each(12);
        var runs = await Rounds.MeasureAsync([Peer.Direct, .. Peers], peer => RunAsync(peer, each));
        var ideal = runs[Peer.Direct].ConvertAll(seen => seen.Outcome.Served);
        var result = new PartResult("patience")
        {
            Settings = $"{Rounds.Count} rounds of {each.TotalSeconds:0} s each, in turn; medians, least and most in brackets; ratios round by round.",
            Notes =
            {
                $"A backend with {Limit} workers and {Outcome.WorkMs:0} ms of work, nominally {Capacity:0}/s, offered {2 * Capacity:0}/s by clients that leave after {Patience.TotalMilliseconds:0} ms, which it does not notice; a queue of {Wait.Queue:#,0} places and 30 s. "
                + $"Without a proxy and never idle it does {Figure.Of(ideal).ToText("0.0")}/s: the ideal. Rates are those of the second half of each run, the work for nothing is that of all of it, what was needed to learn included: each run begins with a new proxy.",
                $"{HAProxy.Setup}. {Nginx.Setup}. {Yarp.Setup}. {Gateway.Setup}. HAProxy with `abortonclose`, and YARP, close the connection to the backend when a client leaves, and pass its place on while this backend still works; HAProxy without it serves whoever has left.",
            },
        };
        var table = new ResultTable(
            "Clients that leave after 200 ms", ["in front of the backend", "served in time/s", "of the ideal", "of the work for nothing", "refused/s", "left/s", "served p50, p99 ms", "most at the backend"], []);
        foreach (var peer in Peers)
        {
            var seen = runs[peer];
            table.Add(
                peer.Name, Figure.Of(seen.Select(run => run.Outcome.Served)).ToText("0.0"), Figure.Ratio(seen.ConvertAll(run => run.Outcome.Served), ideal).ToText("0.000"),
                Figure.Of(seen.Select(run => 100 * run.Wasted)).ToText("0.0") + " %", $"{Figure.Of(seen.Select(run => run.Outcome.Refused)).Median:0}", $"{Figure.Of(seen.Select(run => run.Outcome.Left)).Median:0}",
                seen.Select(run => run.Outcome.ServedLatency).OfType<Latency>().ToArray() is { Length: > 0 } some
                    ? $"{Figure.Of(some.Select(latency => latency.P50)).Median:0.0}, {Figure.Of(some.Select(latency => latency.P99)).Median:0.0}"
                    : "-",
                $"{seen.Max(run => run.Greatest)}");
        }

        result.Tables.Add(table);
        var (inTime, wasted) = (Figure.Of(runs[Admission].Select(seen => seen.Outcome.Served)), Figure.Of(runs[Admission].Select(seen => seen.Wasted)));
        result.Goals.Add(new(
            $"With nothing said of the clients' patience at least {EnoughInTime:0}/s of {Capacity:0}/s served in time.",
            $"{inTime.ToText("0.0")}/s, which is {Figure.Ratio(runs[Admission].ConvertAll(seen => seen.Outcome.Served), ideal).ToText("0.000")} of what the backend does when it is never idle.",
            inTime.Median >= EnoughInTime));
        result.Goals.Add(new($"Under {MostWasted:0 %} of the work wasted.", $"{100 * wasted.Median:0.0} %.", wasted.Median < MostWasted));
        result.Plots.Add(new("patience", "Clients that leave after 200 ms, at twice the capacity", "in front of the backend", "percent",
        [
            new("served in time, of the ideal", [], [.. Peers.Select(peer => 100 * Figure.Ratio(runs[peer].ConvertAll(run => run.Outcome.Served), ideal).Median)]),
            new("of the work for nothing", [], [.. Peers.Select(peer => 100 * Figure.Of(runs[peer].Select(run => run.Wasted)).Median)]),
        ])
        {
            Categories = [.. Peers.Select(peer => peer.Name.Replace("`", "", StringComparison.Ordinal))],
        });
        return result;
    }

    private static async Task<Seen> RunAsync(Peer peer, TimeSpan duration)
    {
        await using var stand = await Stand.StartAsync(peer, Limit);

        // Compiled and connected, by patient clients and with no load to speak of.
        _ = await Demand.Open("warm", Capacity / 4, TimeSpan.FromSeconds(5)).RunAsync(stand.Front, TimeSpan.FromSeconds(2));
        _ = await stand.IsQuietAsync();
        _ = (await stand.AskAsync("/worked"), await stand.AskAsync("/greatest")); // from here on
        var demand = peer == Peer.Direct ? Demand.Closed(2 * Limit) : Twice;
        var outcome = Outcome.Of(await demand.RunAsync(stand.Front, duration), duration / 2);

        // All that was begun counts, also what waits within the backend because its proxy took it for over when the client left.
        await Until.TrueAsync(async () => await stand.AskAsync("/inside") == 0, TimeSpan.FromSeconds(60), () => $"The backend behind {peer.Name} still works.");
        var worked = await stand.AskAsync("/worked");
        var seen = new Seen(outcome, worked > 0 ? 1 - ((double)outcome.ServedInAll / worked) : 0, await stand.AskAsync("/greatest"));
        await Console.Error.WriteLineAsync($"{peer.Name,-34} {outcome.Served,6:0.0}/s in time  {100 * seen.Wasted,5:0.0} % for nothing  refused {outcome.Refused:0}/s  left {outcome.Left:0}/s  most {seen.Greatest}");
        return seen;
    }

    /// <param name="Outcome">What the clients saw.</param>
    /// <param name="Wasted">The share of the backend's work whose client had left.</param>
    /// <param name="Greatest">The most requests at the backend.</param>
    private sealed record Seen(Outcome Outcome, double Wasted, long Greatest);
}
