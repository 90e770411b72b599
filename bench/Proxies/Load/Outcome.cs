namespace Admission.Bench.Proxies.Load;

/// <summary>What became of a load on the backend with 50 ms of work, between the time when queues have settled and its end.</summary>
/// <param name="Served">Answered with 200, a second: the slope of the line through the count of answers over time, because a plain count of what eight workers end together would jump by eight.</param>
/// <param name="Refused">Answered with 503 or 429, a second.</param>
/// <param name="Left">Clients that left without an answer, a second.</param>
/// <param name="Other">Errors, a second.</param>
/// <param name="ServedLatency">Of the served.</param>
/// <param name="RefusedLatency">Of the refused.</param>
/// <param name="ServedInAll">Answered with 200 in the whole run.</param>
internal sealed record Outcome(double Served, double Refused, double Left, double Other, Latency? ServedLatency, Latency? RefusedLatency, long ServedInAll)
{
    public const double WorkMs = 50;

    /// <summary>Through fewer answers no line is laid.</summary>
    private const int Few = 50;

    /// <summary>Of the load on one or several proxies at the same time.</summary>
    /// <param name="loads">One result for each.</param>
    /// <param name="settled">How long after the load's begin the counting begins.</param>
    public static Outcome Of(IReadOnlyList<LoadResult> loads, TimeSpan settled)
    {
        var from = loads.Max(load => load.Start) + (long)(settled.TotalSeconds * 1e9);
        var to = loads.Min(load => load.End);
        var seconds = Clock.Seconds(to - from);
        Answer[] answers = [.. loads.SelectMany(load => load.Answers).Where(answer => answer.Received > from && answer.Received <= to)];
        Answer[] served = [.. answers.Where(answer => answer.Status == 200)];
        Answer[] refused = [.. answers.Where(answer => answer.Status is 503 or 429)];
        var left = answers.Count(answer => answer.Fault == "left");
        return new(
            Slope(served, seconds),
            refused.Length / seconds,
            left / seconds,
            (answers.Length - served.Length - refused.Length - left) / seconds,
            Latency.Of(served),
            Latency.Of(refused),
            loads.Sum(load => load.Answers.LongCount(answer => answer.Status == 200)));
    }

    private static double Slope(Answer[] answers, double seconds)
    {
        if (answers.Length < Few)
        {
            return answers.Length / seconds;
        }

        double[] times = [.. answers.Select(answer => Clock.Seconds(answer.Received - answers[0].Received)).Order()];
        var (meanTime, meanCount) = (times.Average(), (times.Length - 1) / 2.0);
        return times.Select((time, count) => (time - meanTime) * (count - meanCount)).Sum() / times.Sum(time => (time - meanTime) * (time - meanTime));
    }
}

/// <summary>Milliseconds until the answer.</summary>
internal readonly record struct Latency(double P50, double P99)
{
    public static Latency? Of(IReadOnlyCollection<Answer> answers) => answers.Count == 0
        ? null
        : new(LoadResult.Quantile(answers, 0.5).TotalMilliseconds, LoadResult.Quantile(answers, 0.99).TotalMilliseconds);
}
