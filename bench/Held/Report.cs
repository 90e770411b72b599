using Admission.Bench;

namespace Admission.Held;

/// <summary>The table and the goals.</summary>
internal static class Report
{
    private const double MostKiB = 10;
    private const double MostLate = 1_000;
    private const double MostDelivery = 50;

    public static PartResult Of(Dictionary<Subject, List<Holding>> found)
    {
        var table = new ResultTable(
            "Connections that are held",
            ["", $"KiB each, {Measurement.Clients:N0} of them", "heartbeat, ms late, p99", "the latest", "us of CPU each", "answer to client, ms, median", "p99", "ms until all have theirs"],
            []);
        foreach (var (subject, runs) in found)
        {
            table.Add(
                subject.Name, Of(runs, run => run.Memory).ToText("0.0"), subject.HasHeartbeats ? Of(runs, run => run.Latest).ToText("0") : "", subject.HasHeartbeats ? Of(runs, run => run.Worst).ToText("0") : "",
                subject.HasHeartbeats ? Of(runs, run => run.BeatCpu).ToText("0") : "", Of(runs, run => run.Delivery).ToText("0.0"), Of(runs, run => run.SlowDelivery).ToText("0.0"),
                Of(runs, run => run.Through).ToText("N0"));
        }

        var (own, plain) = (found[Subject.Held], found[Subject.Plain]);
        var beyond = Figure.Of(own.Zip(plain, (held, started) => held.Memory - started.Memory));
        var late = Of(own, run => run.Latest);
        var delivery = Of(own, run => run.Delivery);
        var result = new PartResult("held")
        {
            Settings = $"{Rounds.Count} rounds, interleaved, each with servers just started and warmed up by 3,000 held requests; heartbeats watched for {Rounds.Each(25).TotalSeconds:0} s.",
            Tables = { table },
            Goals =
            {
                new($"a held connection takes at most {MostKiB:0} KiB beyond a plain ASP.NET connection with its response started.", $"{beyond.ToText("0.0")} KiB with {Measurement.Clients:N0}", beyond.Median <= MostKiB),
                new("heartbeats are on time: p99 lateness under 1 s.", $"{late.ToText("0")} ms", late.Median < MostLate),
                new($"an answer is with its client within {MostDelivery:0} ms of the backend's giving it, at the median.", $"{delivery.ToText("0.0")} ms", delivery.Median <= MostDelivery),
            },
            Notes =
            {
                $"Each client has a connection of its own from one of eight addresses (127.0.0.1 to 127.0.0.8) and one request; all clients are in a second process. {Subject.Limit} requests are at the backend, which has shut its gate, and the others wait "
                + $"in the gateway's queue; each gets a heartbeat every {Subject.Every.TotalSeconds:0} s. Lateness is that of a heartbeat after the one before it. Then the gate opens and all are let through as fast as they can, {Subject.Limit} at a time: the time to the client is "
                + "taken from the instant that each answer itself names. Memory is resident memory of the process less what it was after the warm-up, divided by the connections; the kernel's for sockets is nobody's here. The plain "
                + "application has sent its headers and one line feed, and waits for its own gate.",
            },
        };
        if (Measurement.Clients < 20_000)
        {
            result.Notes.Add($"{Measurement.Clients:N0} in place of 20,000: a process may open {OpenFiles.Most:N0} files on this machine (`ulimit -Hn`).");
        }

        return result;
    }

    private static Figure Of(List<Holding> runs, Func<Holding, double> value) => Figure.Of(runs.Select(value));
}
