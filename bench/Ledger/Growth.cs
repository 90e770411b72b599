using Admission.Bench;

namespace Admission.LedgerBench;

/// <summary>How the cost of a ticket grows along a row of cells that differ in one number.</summary>
/// <param name="Of">What is the same in them.</param>
/// <param name="Batch">Tickets in an exchange.</param>
/// <param name="From">The first number of the row.</param>
/// <param name="To">The last.</param>
/// <param name="Factor">The last cost by the first, round by round.</param>
/// <param name="Exponent">The slope of a straight line fitted to the logarithms of number and cost, by least squares: the cost grows like n to that power.</param>
internal sealed record Growth(string Of, int Batch, int From, int To, Figure Factor, double Exponent)
{
    /// <summary>By how much the logarithm of the number grows.</summary>
    public double Logarithm => Math.Log(To) / Math.Log(From);

    /// <summary>Along the tickets for each number of holders, along the holders for each number of tickets, and along the tickets of many tenants and of full exchanges.</summary>
    public static IEnumerable<Growth> All(Dictionary<Cell, List<Cost>> found)
    {
        foreach (var queue in found.Where(pair => pair.Key.Waiting > 0).GroupBy(pair => (pair.Key.Holders, pair.Key.Tenants, pair.Key.Batch)))
        {
            var (holders, tenants, batch) = queue.Key;
            var of = holders == 1 ? "1 holder, tickets waiting" : $"{holders:N0} holders, tickets waiting";
            of = tenants > 1 ? $"{of}, of {tenants:N0} tenants" : batch > 1 ? $"{of}, {batch} in an exchange" : of;
            yield return Along(of, [.. queue.OrderBy(pair => pair.Key.Waiting)], cell => cell.Waiting);
        }

        // One holder has no logarithm to grow from.
        foreach (var row in found.Where(pair => pair.Key is { Holders: > 1, Tenants: 1, Batch: 1 }).GroupBy(pair => pair.Key.Waiting))
        {
            yield return Along($"{row.Key:N0} tickets waiting, holders", [.. row.OrderBy(pair => pair.Key.Holders)], cell => cell.Holders);
        }
    }

    private static Growth Along(string of, KeyValuePair<Cell, List<Cost>>[] row, Func<Cell, int> number)
    {
        var factor = Figure.Ratio(Tickets(row[^1].Value), Tickets(row[0].Value));
        return new(of, row[0].Key.Batch, number(row[0].Key), number(row[^1].Key), factor, Slope(
            [.. row.Select(pair => (Math.Log(number(pair.Key)), Math.Log(Figure.Of(Tickets(pair.Value)).Median)))]));
    }

    private static double[] Tickets(List<Cost> costs) => [.. costs.Select(cost => cost.Ticket)];

    private static double Slope((double X, double Y)[] points)
    {
        var (x, y) = (points.Average(point => point.X), points.Average(point => point.Y));
        return points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
    }
}
