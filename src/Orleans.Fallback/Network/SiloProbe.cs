using Microsoft.Extensions.Logging;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <inheritdoc/>
internal sealed partial class SiloProbe(Lazy<ClusterNetwork> network, ILogger<SiloProbe> log) : ISiloProbe
{
    public Task<TimeSpan> ProbeAsync(SiloAddress silo, CancellationToken cancellation) =>
        (network.Value.Links.To(silo) ?? throw new SiloUnavailableException($"Silo {silo} is shutting down."))
            .AskAsync<TimeSpan>(FrameKind.Probe, default, network.Value.Placement.View.Version, Timeout.InfiniteTimeSpan, cancellation);

    public void TellChanged(SiloAddress silo)
    {
        try
        {
            network.Value.Links.To(silo)?.Tell(new() { Kind = FrameKind.Changed, Version = network.Value.Placement.View.Version });
        }
        catch (SiloUnavailableException exception)
        {
            LogNotTold(silo, exception.Message);
        }
    }

    [LoggerMessage(9251, LogLevel.Debug, "{Silo} was not told that the membership has changed: {Cause}")]
    private partial void LogNotTold(SiloAddress silo, string cause);
}
