namespace Admission.Simulator;

/// <summary>How long requests waited for their permits.</summary>
/// <param name="Count">Requests that got them.</param>
/// <param name="Mean">The mean.</param>
/// <param name="P50">The median: the smallest wait that at least half of them did not exceed (nearest rank), as the others.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Max">The longest.</param>
public sealed record WaitSummary(long Count, TimeSpan Mean, TimeSpan P50, TimeSpan P95, TimeSpan P99, TimeSpan Max)
{
    /// <summary>Summarises waits.</summary>
    /// <param name="ticks">The waits, which are sorted on the way.</param>
    public static WaitSummary Of(List<long> ticks)
    {
        ArgumentNullException.ThrowIfNull(ticks);
        if (ticks.Count == 0)
        {
            return new WaitSummary(0, default, default, default, default, default);
        }

        ticks.Sort();
        var sum = 0.0;
        foreach (var wait in ticks)
        {
            sum += wait;
        }

        return new WaitSummary(ticks.Count, TimeSpan.FromTicks((long)(sum / ticks.Count)), At(50), At(95), At(99), TimeSpan.FromTicks(ticks[^1]));

        // In whole numbers, so that 95 % of 20 is 19 and not a hair more.
        TimeSpan At(long percent) => TimeSpan.FromTicks(ticks[(int)Math.Max(0, ((percent * ticks.Count) + 99) / 100 - 1)]);
    }
}
