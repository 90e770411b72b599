using Admission.Bench;

namespace Admission.Handover;

/// <summary>The tables and the goal.</summary>
internal static class Report
{
    public static PartResult Of(Dictionary<Subject, List<Handovers>> found, double mostCalls)
    {
        var table = new ResultTable(
            "From release in one process to admission in the other, limit 1",
            ["semaphore", "p50 us", "p99 us", "p50 against one plain call of its own", "p50 against Admission's", "hand-overs", "permits handed out twice"],
            []);
        var calls = new ResultTable("One plain call, made in the middle of each turn", ["call", "p50 us", "p99 us"], []);
        var admission = P50s(found.First(pair => pair.Key.Semaphore == Subject.Admission).Value);
        foreach (var (subject, rounds) in found)
        {
            var p50 = P50s(rounds);
            table.Add(
                subject.Name, Figure.Of(p50).ToText("0"), Of(rounds, round => Handovers.Percentile(round.Microseconds, 99)).ToText("0"),
                Figure.Ratio(p50, CallP50s(rounds)).ToText("0.00"), Figure.Ratio(p50, admission).ToText("0.00"),
                $"{rounds.Sum(round => round.Microseconds.Length)}", $"{rounds.Sum(round => round.Overlaps)}");
            if (subject.Semaphore != Subject.Polling)
            {
                calls.Add(
                    subject.Semaphore == Subject.Admission ? "a no-op grain" : "Redis PING",
                    Of(rounds, round => Handovers.Percentile(round.Calls, 50)).ToText("0"), Of(rounds, round => Handovers.Percentile(round.Calls, 99)).ToText("0"));
            }
        }

        var own = found.First(pair => pair.Key.Semaphore == Subject.Admission).Value;
        var ratio = Figure.Ratio(P50s(own), CallP50s(own));
        return new PartResult("handover")
        {
            Settings = $"{Rounds.Count} rounds, interleaved, new frontends in each; turns of 4 to 6 ms, one plain call in the middle of each.",
            Tables = { table, calls },
            Goals = { new($"a hand-over takes at most {mostCalls} plain grain calls (p50).", ratio.ToText("0.00"), ratio.Median <= mostCalls) },
            Notes =
            {
                "One silo, two frontends, each a process; loopback. The polled semaphore is a sorted set with leases (RedisDistributedSemaphore of madelson/DistributedLock, asked each "
                + "second); the other is a counter with a channel (Redisson's RSemaphore), which has no leases: a process that dies takes its permit with it. Both are spoken to over bare "
                + "sockets, without a library's cost. Neither has an order: who comes back soon enough overtakes who waits, so here a frontend asks again only after the other has its turn.",
            },
        };
    }

    private static double[] P50s(List<Handovers> rounds) => [.. rounds.Select(round => Handovers.Percentile(round.Microseconds, 50))];

    private static double[] CallP50s(List<Handovers> rounds) => [.. rounds.Select(round => Handovers.Percentile(round.Calls, 50))];

    private static Figure Of(List<Handovers> rounds, Func<Handovers, double> value) => Figure.Of(rounds.Select(value));
}
