using Admission.Bench;

namespace Admission.Parked;

/// <summary>The table and the goal.</summary>
internal static class Report
{
    private const double MostKiB = 10;

    public static PartResult Of(Dictionary<ParkedPeer, List<Parking>> found)
    {
        var table = new ResultTable(
            "Requests that wait",
            ["where", $"KiB each, {Measurement.Few:N0} waiting", $"KiB each, {Measurement.Many:N0} waiting", "against HAProxy", $"ms until all {Measurement.Many:N0} are answered", "us of CPU each, for that"],
            []);
        var haproxy = found.First(pair => pair.Key.Name == "HAProxy").Value;
        foreach (var (peer, runs) in found)
        {
            table.Add(
                $"{peer.Name}: {peer.Where}", Of(runs, run => run.Few).ToText("0.0"), Of(runs, run => run.Many).ToText("0.0"),
                Figure.Ratio([.. runs.Select(run => run.Many)], [.. haproxy.Select(run => run.Many)]).ToText("0.00"),
                Of(runs, run => run.GrantMilliseconds).ToText("N0"), Of(runs, run => run.GrantCpu).ToText("0"));
        }

        var result = new PartResult("parked")
        {
            Settings = $"{Rounds.Count} rounds, interleaved, each with servers just started and warmed up by 3,000 requests.",
            Tables = { table },
            Goals = [.. found.Where(pair => pair.Key.Name.StartsWith("Admission", StringComparison.Ordinal)).Select(pair => Goal(pair.Key, pair.Value))],
            Plots =
            {
                new ResultPlot("parked", $"Memory of a waiting request, {Measurement.Many:N0} waiting", "", "KiB", [new("KiB", [], [.. found.Select(pair => Of(pair.Value, run => run.Many).Median)])])
                {
                    Categories = [.. found.Keys.Select(peer => peer.Name)],
                },
            },
            Notes =
            {
                $"Each client has a connection of its own and one request without a body. Resident memory of the process and its workers, less what it was after the warm-up, divided by the requests that wait; the kernel's "
                + $"memory for sockets is nobody's here. The backend shuts its gate, so {ParkedPeer.Limit} requests are at the backend and the others wait; then it opens it and answers at once. Everybody must be served in the end. "
                + "Limits, queues and time-outs are wide enough that nobody is refused; HAProxy has two threads; nginx has four workers (each of its "
                + "requests takes two open files), and its tables of connections, made at start, are not counted.",
            },
        };
        if (Measurement.Many < 20_000)
        {
            result.Notes.Add($"{Measurement.Many:N0} in place of 20,000: a process may open {OpenFiles.Most:N0} files on this machine (`ulimit -Hn`).");
        }

        return result;
    }

    private static ResultGoal Goal(ParkedPeer peer, List<Parking> runs)
    {
        var (few, many) = (Of(runs, run => run.Few), Of(runs, run => run.Many));
        return new(
            $"a waiting request takes at most {MostKiB:0} KiB ({peer.Name}).", $"{few.ToText("0.0")} with {Measurement.Few:N0}, {many.ToText("0.0")} with {Measurement.Many:N0}.",
            Math.Max(few.Median, many.Median) <= MostKiB);
    }

    private static Figure Of(List<Parking> runs, Func<Parking, double> value) => Figure.Of(runs.Select(value));
}
