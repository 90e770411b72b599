using System.Text.Json;
using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies.Parts;

/// <summary>A storm of requests that must all be refused: what a refusal costs, and whether the ledger hears of it.</summary>
internal static class StormPart
{
    private const int Limit = 8;
    private const int Connections = 64;
    private const double Storm = 20_000;

    /// <summary>So many wait where the longest wait ends the queue: half a second's work.</summary>
    private const int InQueue = (int)(Limit * 500 / Outcome.WorkMs);

    /// <summary>How many times the messages of a tenth of the storm may come of all of it.</summary>
    private const double MoreMessages = 1.25;

    private static readonly double[] Rates = [Storm / 100, Storm / 10, Storm];

    private static readonly Peer Plain = Yarp.Refusing("plain YARP, a fixed 503");
    private static readonly Peer Admission = Gateway.Alone("Admission, backend full", new(Limit, 0, TimeSpan.Zero), "--run-timeout", "1h");
    private static readonly Peer Queueing = Gateway.Alone("Admission, with a queue", new(Limit, 100, TimeSpan.FromMilliseconds(500)));
    private static readonly Peer[] Peers = [Plain, Nginx.Refusing("nginx `return 503`"), HAProxy.Refusing("HAProxy `deny_status 503`"), Admission];

    public static async Task<PartResult> MeasureAsync()
    {
        var each = Rounds.Each(4);
        await using var stands = new FullStands();
        var paced = await Rounds.MeasureAsync(Peers, async peer => await RunAsync(await stands.OfAsync(peer), peer, Storm, each));
        var unpaced = await Rounds.MeasureAsync(Peers, async peer => await RunAsync(await stands.OfAsync(peer), peer, perSecond: null, each));
        var stuck = await Rounds.MeasureAsync(Rates, async rate => await RunAsync(await stands.OfAsync(Admission), Admission, rate, each));
        var busy = await MeasureBusyAsync(Admission, each);
        var queueing = await MeasureBusyAsync(Queueing, each);
        var result = new PartResult("storm")
        {
            Settings = $"wrk with 2 threads; {Rounds.Count} rounds of {each.TotalSeconds:0} s each, in turn; medians, least and most in brackets; ratios round by round.",
            Notes =
            {
                $"Admission: limit {Limit}, no queue, all {Limit} permits in use by requests that do not end. Each refusal says why in problem+json; the fixed 503 of plain YARP has as many bytes. At a rate: {Storm * 11 / 1000:0} connections that pause for 10 ms before each request; "
                + "as fast as it goes: 64 connections without pause. Messages are exchanges of the gateway with the ledger (`here.exchanges` in `/admission/v1/backends`). A saturation notice holds for 10 ms at least, so there are one or two for each 10 ms. "
                + $"With a queue of 100 and a longest wait of 0.5 s, {InQueue} wait (on connections that come to the others) and the queue is never full: then a notice says how long one more would wait, until that is short enough again, which it is each time a permit comes back.",
            },
        };
        var table = new ResultTable(
            "Nothing but refusals", ["answered by", "refused/s of 20,000/s", "p50, p99 ms", "CPU us/refusal", "CPU against plain YARP", "refused/s as fast as it goes", "against plain YARP"], []);
        foreach (var peer in Peers)
        {
            table.Add(
                peer.Name, Figure.Of(paced[peer].Select(run => run.Wrk.PerSecond)).ToText("0"),
                $"{Figure.Of(paced[peer].Select(run => run.Wrk.P50)).Median:0.00}, {Figure.Of(paced[peer].Select(run => run.Wrk.P99)).Median:0.00}",
                Figure.Of(paced[peer].Select(run => run.Cpu)).ToText("0.0"), Ratio(paced, peer, run => run.Cpu).ToText(),
                Figure.Of(unpaced[peer].Select(run => run.Wrk.PerSecond)).ToText("0"), Ratio(unpaced, peer, run => run.Wrk.PerSecond).ToText());
        }

        var messages = new ResultTable(
            "Messages to the ledger",
            ["offered/s", "refused/s, backend full", "messages/s, backend full", "messages/s, backend working (160/s served)", "refused/s, working, queue of 100 and 0.5 s", "messages/s"],
            []);
        foreach (var rate in Rates)
        {
            messages.Add(
                $"{rate:#,0}", Figure.Of(stuck[rate].Select(run => run.Wrk.PerSecond)).ToText("0"), Figure.Of(stuck[rate].Select(run => run.Messages)).ToText("0.0"),
                Figure.Of(busy[rate].Select(run => run.Messages)).ToText("0.0"),
                Figure.Of(queueing[rate].Select(run => (double)run.Wrk.Refused / each.TotalSeconds)).ToText("0"), Figure.Of(queueing[rate].Select(run => run.Messages)).ToText("0.0"));
        }

        result.Tables.AddRange([table, messages]);
        AddGoal("Messages to the ledger do not grow with the storm.", stuck);
        AddGoal("Nor where the longest wait ends the queue before its places do.", queueing);
        return result;

        void AddGoal(string goal, Dictionary<double, List<Run>> runs)
        {
            var (tenth, all) = (Figure.Of(runs[Storm / 10].Select(run => run.Messages)), Figure.Of(runs[Storm].Select(run => run.Messages)));
            result.Goals.Add(new(
                goal,
                $"{tenth.Median:#,0}/s with {Storm / 10:#,0} requests/s offered, {all.Median:#,0}/s with {Storm:#,0}/s.",
                all.Median <= MoreMessages * tenth.Median));
        }
    }

    private static Figure Ratio(Dictionary<Peer, List<Run>> runs, Peer peer, Func<Run, double> figure) =>
        Figure.Ratio(runs[peer].ConvertAll(run => figure(run)), runs[Plain].ConvertAll(run => figure(run)));

    /// <summary>The storm beside eight clients of which each is served again and again: permits come back all the time.</summary>
    private static async Task<Dictionary<double, List<Run>>> MeasureBusyAsync(Peer peer, TimeSpan each)
    {
        await using var stand = await Stand.StartAsync(peer, Limit);
        return await Rounds.MeasureAsync(Rates, async rate =>
        {
            var serving = new ClosedLoop(stand.Front.Ports[0], Limit, each + TimeSpan.FromSeconds(1)) { Pause = TimeSpan.FromMilliseconds(100) }.RunAsync();
            await Task.Delay(500);
            var run = await RunAsync(stand, peer, rate, each, path: $"/work?ms={Outcome.WorkMs}");
            _ = await serving;
            return run;
        });
    }

    private static async Task<Run> RunAsync(Stand stand, Peer peer, double? perSecond, TimeSpan duration, string path = "/")
    {
        var port = stand.Front.Ports[0];
        var (cpu, messages, from) = (stand.Front.Cpu, await MessagesAsync(stand, peer), Clock.Now);
        var wrk = perSecond is { } rate ? await Wrk.PacedAsync(port, rate, duration, path, peer == Queueing ? InQueue : 0) : await Wrk.RunAsync(port, Connections, duration);
        var run = new Run(wrk, (stand.Front.Cpu - cpu).TotalMicroseconds / wrk.Requests, (await MessagesAsync(stand, peer) - messages) / Clock.Since(from).TotalSeconds);
        if (path == "/" && wrk.Refused < wrk.Requests)
        {
            throw new InvalidOperationException($"{peer.Name} has not refused {wrk.Requests - wrk.Refused} of {wrk.Requests} requests.");
        }

        await Console.Error.WriteLineAsync($"{perSecond,6} {peer.Name,-26} {wrk.PerSecond,8:0}/s, {wrk.Refused} refused  p50 {wrk.P50:0.00} ms  p99 {wrk.P99:0.00} ms  {run.Cpu:0.0} us  {run.Messages:0.0} messages/s");
        return run;
    }

    private static async Task<long> MessagesAsync(Stand stand, Peer peer)
    {
        if (peer != Admission && peer != Queueing)
        {
            return 0;
        }

        using var described = JsonDocument.Parse(await stand.DescribeAsync());
        return described.RootElement.GetProperty("here").GetProperty("exchanges").GetInt64();
    }

    /// <param name="Wrk">What wrk saw.</param>
    /// <param name="Cpu">The proxy's microseconds for each answer.</param>
    /// <param name="Messages">Exchanges with the ledger, a second.</param>
    private sealed record Run(Wrk Wrk, double Cpu, double Messages);

    /// <summary>Stands whose backend is full for as long as they stand.</summary>
    private sealed class FullStands : IAsyncDisposable
    {
        private static readonly TimeSpan Forever = TimeSpan.FromMinutes(50);

        private readonly Dictionary<Peer, Stand> _stands = [];
        private readonly List<HttpConnection> _inside = [];

        public async Task<Stand> OfAsync(Peer peer)
        {
            if (_stands.TryGetValue(peer, out var known))
            {
                return known;
            }

            var stand = await Stand.StartAsync(peer, Limit);
            _stands.Add(peer, stand);
            if (peer == Admission)
            {
                for (var permit = 0; permit < Limit; permit++)
                {
                    _inside.Add(await HttpConnection.OpenAsync(stand.Front.Ports[0]));
                    await _inside[^1].SendAsync("GET", $"/work?ms={Forever.TotalMilliseconds}");
                }

                await Until.TrueAsync(async () => await stand.AskAsync("/inside") == Limit, TimeSpan.FromSeconds(10), () => "The backend does not become full.");
            }

            _ = await Wrk.RunAsync(stand.Front.Ports[0], Connections, TimeSpan.FromSeconds(3)); // compiled
            return stand;
        }

        public async ValueTask DisposeAsync()
        {
            _inside.ForEach(connection => connection.Dispose());
            foreach (var stand in _stands.Values)
            {
                await stand.DisposeAsync();
            }
        }
    }
}
