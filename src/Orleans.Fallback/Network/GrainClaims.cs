using Microsoft.Extensions.Logging;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>What a silo that wants to activate a grain has found out.</summary>
internal enum Claim
{
    /// <summary>It may.</summary>
    Granted,

    /// <summary>The grain is another silo's: requests go there.</summary>
    Yield,

    /// <summary>Another silo has a newer view, which this silo cannot see, and by its own view the grain is here.</summary>
    Disputed,
}

/// <summary>Sees to it that a grain has one activation in steady state, and that a planned move has no two at once.</summary>
/// <remarks>
/// Before a silo activates a grain it asks every other one that joins, takes part or is leaving to release it, and waits until they have. It hears
/// at once whether a silo has begun to, and waits for that one up to <see cref="NetworkLimits.ReleaseBound"/> while the connection lives; for silence it waits only
/// <see cref="NetworkLimits.ReleaseTime"/>: a silo that does not answer may be gone, and what two activations can do to each other is bounded
/// by storage, not by this. A silo that is asked by the word of a newer view than its own does not look first. A silo that owns the grain by a view that is not older keeps it, and the one that asked yields; of two that
/// ask each other, that is the one with the older view.
/// </remarks>
internal sealed partial class GrainClaims(
    Lazy<ClusterNetwork> network, IClusterMembership membership, Placement placement, LocalProcess self, Lazy<Catalog> catalog,
    TimeProvider time, ILogger<GrainClaims> log)
{
    /// <summary>Asks the others to release the grain.</summary>
    public async Task<Claim> ClaimAsync(GrainId grain, CancellationToken cancellation)
    {
        var view = membership.Current;
        var others = view.Members
            .Where(member => member.Status is SiloStatus.Joining or SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping && !member.Address.Equals(self.Silo))
            .ToList();
        if (others.Count > 0)
        {
            using var limit = new CancellationTokenSource(NetworkLimits.ReleaseBound, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var answers = await Task.WhenAll(others.Select(other => AskAsync(other.Address, grain, view.Version, both.Token)));
            if (answers.Any(answer => answer is not null && (answer.Kept || answer.Version > view.Version)))
            {
                // Somebody knows more than this silo did when it asked.
                await network.Value.RefreshToAsync(answers.Max(answer => answer?.Version ?? view.Version));
                var known = membership.Current.Version;
                if (answers.Any(answer => answer is not null && (answer.Kept || answer.Version > known)) && placement.IsMine(grain))
                {
                    return Claim.Disputed;
                }
            }
        }

        return cancellation.IsCancellationRequested || !placement.IsMine(grain) ? Claim.Yield : Claim.Granted;
    }

    /// <summary>Whether the grain's place is on another silo.</summary>
    public bool IsElsewhere(GrainId grain) => placement.OwnerOf(grain) is { } owner && !owner.Equals(self.Silo);

    /// <summary>Ends this silo's activation because another silo wants to activate the grain, and then answers.</summary>
    public async Task ReleaseAsync(Link link, FrameHeader header)
    {
        link.Remember(header.Id, request: null);
        var newer = header.Version > membership.Current.Version;
        var keep = !newer && placement.IsMine(header.Target);
        if (newer)
        {
            _ = network.Value.RefreshToAsync(header.Version);
        }

        if (!keep)
        {
            link.Tell(new() { Kind = FrameKind.Acknowledged, Id = header.Id });
            await catalog.Value.ReleaseAsync(header.Target, placement.Leaving
                ? new(DeactivationReasonCode.ShuttingDown, "The silo is shutting down.")
                : new(DeactivationReasonCode.Migrating, $"The grain moves to {link.Peer}."));
        }

        link.Complete(header.Id, network.Value.Context.Serializer.SlotOf(typeof(Released)), new Released { Kept = keep, Version = membership.Current.Version });
    }

    /// <summary>The silo's answer; null when there is none.</summary>
    private async Task<Released?> AskAsync(SiloAddress silo, GrainId grain, long version, CancellationToken cancellation)
    {
        try
        {
            return network.Value.Links.To(silo) is { } link
                ? await link.AskAsync<Released>(FrameKind.Release, grain, version, NetworkLimits.ReleaseTime, cancellation)
                : null;
        }
        catch (Exception exception) when (exception is OrleansException or OperationCanceledException or TimeoutException)
        {
            LogPassedOver(silo, grain, exception.Message);
            return null;
        }
    }

    [LoggerMessage(9241, LogLevel.Information, "{Silo} did not say in time that it has released {Grain}: {Cause}")]
    private partial void LogPassedOver(SiloAddress silo, GrainId grain, string cause);
}
