namespace Admission.EndToEnd.Cluster.Records;

/// <summary>A time at which a frontend or a backend was dead or hung because the run said so.</summary>
/// <param name="Target">Its name.</param>
/// <param name="From">The beginning.</param>
/// <param name="To">The end.</param>
internal sealed record Outage(string Target, long From, long To)
{
    /// <summary>What was under way is told apart a moment later: the other side's kernel, a retry, a connection that was kept.</summary>
    private const long Moment = 1_500_000_000;

    /// <summary>Whether it explains that this request, which it served, has no clean answer.</summary>
    public bool Explains(RequestRecord request) =>
        (request.Frontend == Target || request.Backend == Target) && request.Sent < (To == long.MaxValue ? To : To + Moment) && request.Ended >= From;
}
