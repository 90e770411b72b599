using System.Globalization;

namespace Admission.Scale;

/// <summary>The figures as tables, plots and goals.</summary>
internal static class ScaleResult
{
    /// <summary>From so many permits for each frontend on, bursts of one frontend find idle permits there.</summary>
    private const int EnoughEach = 10;

    public static PartResult Of(List<ScaleFigures> half, List<ScaleFigures> over, List<ScaleFigures> busy, List<ScaleFigures> slow) => new("scale")
    {
        Settings = "Simulated in virtual time with the product's ledger and pools; one seed gives one result, apart from the ledger's time, which is a real clock around its calls.",
        Tables =
        [
            Uncontended(half), Contended(over), Waits(busy), SlowNetwork(slow),
        ],
        Plots = [Utilisation(over), Messages(half), Share(half, over)],
        Goals = [.. Goals(half, over)],
        Notes =
        [
            "Requests take 100 ms on average, exponentially distributed (1 s at limits above 10,000), and arrive at random; a round trip takes 0.5 ms; `LeaseTtl` is the default, 10 s. "
                + "90/10: nine tenths of them at a tenth of the frontends. Zipf: the n-th frontend gets 1/n of what the first gets.",
            "A frontend that has *n* permits of its own and uses half of them on average has none left for 33 % of its requests with n = 1, 20 % with 2, 9.5 % with 4, 3 % with 8, 0.4 % with 16 (Erlang's loss formula). "
                + "Each of those needs two messages at least, because an exact limit cannot be enforced from where the permit is not. So 0.1 is out of reach below some 7 permits a frontend.",
            "Not simulated, because a run has millions of requests: limits of 100,000 and more with Zipf; a limit of 1,000,000 with 100 and 1,000 frontends; 1.2 times the load at 1,000,000, at 100,000 with more than 10 frontends, and at 10,000 with Zipf or 10,000 frontends.",
            "Heartbeats: 0.6 messages a second for each frontend that has used the backend within the last minute, whatever its load. Below 6 requests/s for each frontend they alone are more than 0.1 a request. "
                + "A longer `LeaseTtl` makes them fewer: 0.1 a second with 60 s.",
            "While tickets wait, each permit goes back to the ledger and from there to the next ticket, which may be anywhere, so it is idle for at least one round trip in each turn: no more than service / (service + round trip) can be used. "
                + "That is 99.5 % for 100 ms and 0.5 ms, and 95.2 % for 100 ms and 5 ms.",
            "The ledger's share of a core is its own calls. Serialization, network and the grain call come on top, for each exchange.",
        ],
    };

    private static ResultTable Uncontended(List<ScaleFigures> all)
    {
        var table = new ResultTable(
            "Half of the limit in use",
            ["limit", "frontends", "demand", "requests/s at each", "messages a request", "heartbeats alone", "exchanges/s", "ledger us each", "of one core"],
            []);
        foreach (var found in all)
        {
            var point = found.Point;
            table.Add(
                Whole(point.Limit), Whole(point.Frontends), point.Demand.Name(), Text(point.Rate / point.Frontends), Text(found.MessagesPerRequest), Text(point.Heartbeats),
                Whole(found.ExchangesPerSecond), Text(found.LedgerMicroseconds), Percent(found.LedgerShare));
        }

        return table;
    }

    private static ResultTable Contended(List<ScaleFigures> all)
    {
        var table = new ResultTable(
            "1.2 times as much as can be served, a queue as long as the limit (100 to 100,000)",
            ["limit", "frontends", "demand", "utilisation", "of the ideal queue's", "messages a request", "exchanges/s", "ledger us each", "of one core"],
            []);
        foreach (var found in all)
        {
            table.Add(
                Whole(found.Point.Limit), Whole(found.Point.Frontends), found.Point.Demand.Name(), Percent(found.Cluster.Utilisation), Percent(found.OfIdeal), Text(found.MessagesPerRequest),
                Whole(found.ExchangesPerSecond), Text(found.LedgerMicroseconds), Percent(found.LedgerShare));
        }

        return table;
    }

    private static ResultTable Waits(List<ScaleFigures> all)
    {
        var table = new ResultTable("0.9 of the limit in use: waits in ms, beside the ideal queue's", ["limit", "frontends", "mean", "ideal", "p99", "ideal p99", "messages a request"], []);
        foreach (var found in all)
        {
            var (waits, ideal) = (found.Cluster.All.Waits, found.Ideal.Waits);
            table.Add(
                Whole(found.Point.Limit), Whole(found.Point.Frontends), Text(waits.Mean.TotalMilliseconds), Text(ideal.Mean.TotalMilliseconds), Text(waits.P99.TotalMilliseconds),
                Text(ideal.P99.TotalMilliseconds), Text(found.MessagesPerRequest));
        }

        return table;
    }

    private static ResultTable SlowNetwork(List<ScaleFigures> all)
    {
        var table = new ResultTable("A round trip of 5 ms", ["limit", "frontends", "offered", "of the ideal queue's utilisation", "messages a request"], []);
        foreach (var found in all)
        {
            table.Add(Whole(found.Point.Limit), Whole(found.Point.Frontends), Text(found.Point.Load), Percent(found.OfIdeal), Text(found.MessagesPerRequest));
        }

        return table;
    }

    private static IEnumerable<ResultGoal> Goals(List<ScaleFigures> half, List<ScaleFigures> over)
    {
        var worst = over.MinBy(found => found.OfIdeal)!;
        yield return new ResultGoal(
            "at least 99 % of the utilisation of one ideal queue, with a round trip of 0.5 ms.", $"{Percent(worst.OfIdeal)} or more ({Of(worst)} is the lowest).", worst.OfIdeal >= 0.99);
        foreach (var (group, name) in new[]
        {
            (half.Where(found => HasEnough(found.Point)).ToList(), $"{EnoughEach} permits a frontend and more"),
            (half.Where(found => !HasEnough(found.Point)).ToList(), $"fewer than {EnoughEach} permits a frontend"),
        })
        {
            var most = group.MaxBy(found => found.MessagesPerRequest)!;
            yield return new ResultGoal(
                $"at most 0.1 messages a request while half of the limit is in use, with {name}.",
                $"{group.Count(found => found.MessagesPerRequest <= 0.1)} of {group.Count} clusters; the most are {Text(most.MessagesPerRequest)} ({Of(most)}).",
                most.MessagesPerRequest <= 0.1);
        }
    }

    private static bool HasEnough(ScalePoint point) => point.Limit >= EnoughEach * point.Frontends;

    private static ResultPlot Utilisation(List<ScaleFigures> over) => new(
        "scale-utilisation", "Utilisation of 1.2 times the load, of one ideal queue's (90/10)", "frontends", "per cent", Lines(over, found => 100 * found.OfIdeal))
    { LogX = true };

    private static ResultPlot Messages(List<ScaleFigures> half) => new(
        "scale-messages", "Messages a request, half of the limit in use (90/10)", "frontends", "messages", Lines(half, found => Math.Max(1e-4, found.MessagesPerRequest)))
    { LogX = true, LogY = true };

    private static ResultPlot Share(List<ScaleFigures> half, List<ScaleFigures> over) => new(
        "scale-ledger",
        "The ledger's share of one core (90/10)",
        "frontends",
        "per cent",
        [
            .. Lines(half, found => Math.Max(1e-3, 100 * found.LedgerShare), limit => limit is 100 or 10_000, "half"),
            .. Lines(over, found => Math.Max(1e-3, 100 * found.LedgerShare), limit => limit is 100 or 10_000, "1.2"),
        ])
    { LogX = true, LogY = true };

    private static List<ResultSeries> Lines(List<ScaleFigures> all, Func<ScaleFigures, double> figure, Func<int, bool>? limits = null, string load = "") =>
    [
        .. all.Where(found => found.Point.Demand == Demand.NineTenths && (limits?.Invoke(found.Point.Limit) ?? true))
            .GroupBy(found => found.Point.Limit)
            .Where(group => group.Count() > 1)
            .Select(group => new ResultSeries(
                $"limit {Whole(group.Key)} {load}".TrimEnd(), [.. group.Select(found => (double)found.Point.Frontends)], [.. group.Select(figure)])),
    ];

    private static string Of(ScaleFigures found) => $"{Whole(found.Point.Frontends)} frontends, limit {Whole(found.Point.Limit)}, {found.Point.Demand.Name()}";

    private static string Percent(double part) => (100 * part).ToString(part is > 0 and < 0.001 ? "0.000" : "0.0", CultureInfo.InvariantCulture) + " %";

    private static string Whole(double number) => number.ToString("#,##0", CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString(number < 0.01 ? "0.####" : number < 10 ? "0.##" : "#,##0", CultureInfo.InvariantCulture);
}
