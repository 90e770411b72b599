using Admission.Bench;

namespace Admission.LedgerBench;

/// <summary>The tables, and whether the cost grows no worse than the logarithm.</summary>
internal static class Report
{
    public static PartResult Of(Dictionary<Cell, List<Cost>> found)
    {
        var plain = Table("One ticket in each exchange", "holders", "tickets waiting");
        foreach (var (cell, costs) in found.Where(pair => pair.Key is { Tenants: 1, Batch: 1 }))
        {
            plain.Add([$"{cell.Holders:N0}", $"{cell.Waiting:N0}", .. Cells(costs)]);
        }

        var others = Table("100 holders: many tenants, and many tickets in each exchange", "tenants", "tickets in an exchange", "tickets waiting");
        foreach (var (cell, costs) in found.Where(pair => pair.Key is not { Tenants: 1, Batch: 1 }))
        {
            others.Add([$"{cell.Tenants:N0}", $"{cell.Batch:N0}", $"{cell.Waiting:N0}", .. Cells(costs)]);
        }

        var growths = Growth.All(found).ToList();
        var fits = new ResultTable("How the cost of a ticket grows, and the logarithm", ["with", "from", "to", "cost grows by", "the logarithm by", "power law fitted"], []);
        foreach (var growth in growths)
        {
            fits.Add(growth.Of, $"{growth.From:N0}", $"{growth.To:N0}", $"{growth.Factor.ToText()} times", $"{growth.Logarithm:0.00} times", $"n^{growth.Exponent:0.000}");
        }

        return new PartResult("ledger")
        {
            Settings = $"{Rounds.Count} rounds, interleaved, {Rounds.Each(1).TotalSeconds:0} s each, one thread.",
            Tables = { plain, others, fits },
            Goals =
            {
                Goal("the cost of a ticket grows no worse than the logarithm of tickets waiting and of holders.", growths.Where(growth => growth.Batch == 1)),
                Goal($"the same with {Cell.FullExchange} tickets in each exchange.", growths.Where(growth => growth.Batch > 1)),
            },
            Plots =
            {
                new ResultPlot("ledger", "What one ticket costs the ledger", "tickets waiting", "ns per ticket",
                    [.. Cell.HolderCounts.Select(holders => Line(found, holders))]) { LogX = true },
            },
            Notes =
            {
                "An exchange here is the ledger's part of it: taking a report that gives permits back and brings tickets, answering it, and making the pushes to those who got the permits, with the "
                + "reads of both clocks (about 50 ns). Neither engine nor network nor the making of reports is in it. With nobody waiting each ticket is granted in the answer; else the permit goes to the first in line, "
                + "which is mostly another holder's, so that an exchange makes two messages.",
                "There is no peer: no other product has such a part to run alone. What grows with the tickets waiting is no walk, but the garbage collector's work: a ticket that waits long is moved twice as it grows old, and one "
                + "among a thousand is gone before (`DOTNET_GCgen0size=0x10000000`, which leaves room for 256 MiB before each collection, takes it away). Measured with the collector as it is by default: workstation, concurrent.",
            },
        };
    }

    private static ResultGoal Goal(string goal, IEnumerable<Growth> growths)
    {
        var worst = growths.MaxBy(growth => growth.Factor.Median / growth.Logarithm)!;
        return new(
            goal,
            $"with {worst.Of}, {worst.Factor.ToText()} times from {worst.From:N0} to {worst.To:N0}, where the logarithm grows {worst.Logarithm:0.00} times; all others grow less.",
            worst.Factor.Median <= worst.Logarithm);
    }

    private static ResultTable Table(string title, params string[] of) => new(title, [.. of, "exchanges/s", "ns per exchange", "ns per ticket", "bytes per exchange"], []);

    private static IEnumerable<string> Cells(List<Cost> costs) =>
    [
        Figure.Of(costs.Select(cost => cost.ExchangesPerSecond)).ToText("N0"),
        Figure.Of(costs.Select(cost => cost.Exchange)).ToText("N0"),
        Figure.Of(costs.Select(cost => cost.Ticket)).ToText("N0"),
        $"{Figure.Of(costs.Select(cost => cost.Bytes)).Median:N0}",
    ];

    private static ResultSeries Line(Dictionary<Cell, List<Cost>> found, int holders)
    {
        var cells = found.Where(pair => pair.Key is { Tenants: 1, Batch: 1, Waiting: > 0 } && pair.Key.Holders == holders).OrderBy(pair => pair.Key.Waiting).ToArray();
        return new($"{holders:N0} holder{(holders == 1 ? "" : "s")}", [.. cells.Select(pair => (double)pair.Key.Waiting)], [.. cells.Select(pair => Figure.Of(pair.Value.Select(cost => cost.Ticket)).Median)]);
    }
}
