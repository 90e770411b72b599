namespace Admission.Grains.Cluster;

/// <summary>A client that finds no silo looks again, without end: silos and frontends may be started in any order.</summary>
internal sealed class SiloWait(ClusterWaiting waiting, TimeProvider time) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private TimeSpan _pause = ShortestPause;

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        waiting.For(PostgresWords.IsFailure(exception) ? PostgresWords.Explain(exception) : $"no silo can be reached: {exception.Message}");
        await Task.Delay(_pause, time, cancellationToken);
        _pause = TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, LongestPause.Ticks));
        return true;
    }
}
