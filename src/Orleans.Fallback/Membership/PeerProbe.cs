using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>One question to another silo.</summary>
internal static class PeerProbe
{
    /// <summary>Asks for a sign of life, for so long.</summary>
    /// <returns>How long ago that silo reached the table; null if it did not answer, for whatever reason.</returns>
    public static async Task<TimeSpan?> TryAsync(
        ISiloProbe probe, SiloAddress silo, TimeSpan bound, TimeProvider time, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(bound, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await probe.ProbeAsync(silo, linked.Token).WaitAsync(linked.Token);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // That there is no answer is the answer.
            return null;
        }
    }
}
