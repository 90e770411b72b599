namespace Admission.EndToEnd.Load;

/// <summary>What became of one request.</summary>
/// <param name="Id">The request's id, unique in its load.</param>
/// <param name="Http">The answer, or null when there was none.</param>
/// <param name="Fault">Why there was none (a reset, an early end, a refused connection), or null.</param>
/// <param name="Sent">When it was sent; see <see cref="Clock"/>.</param>
/// <param name="Received">When the answer was there, or the fault.</param>
internal sealed record Answer(string Id, HttpAnswer? Http, string? Fault, long Sent, long Received)
{
    public int Status => Http?.Status ?? 0;

    public TimeSpan Latency => TimeSpan.FromSeconds(Clock.Seconds(Received - Sent));
}

/// <summary>What became of a load.</summary>
/// <param name="Answers">Every request's answer.</param>
/// <param name="Start">When the load began.</param>
/// <param name="End">When its time was over: no request was begun after it.</param>
internal sealed record LoadResult(IReadOnlyList<Answer> Answers, long Start, long End)
{
    public IEnumerable<Answer> Served => Answers.Where(answer => answer.Status == 200);

    public IEnumerable<Answer> Refused => Answers.Where(answer => answer.Status == 503);

    /// <summary>How often each status was seen; 0 stands for no answer.</summary>
    public string Summary() =>
        string.Join(", ", Answers.GroupBy(answer => answer.Status).OrderBy(group => group.Key).Select(group => $"{group.Key}: {group.Count()}"));

    /// <summary>A quantile of the latencies of some answers.</summary>
    public static TimeSpan Quantile(IEnumerable<Answer> answers, double quantile)
    {
        var sorted = answers.Select(answer => answer.Latency).Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * quantile))];
    }
}
