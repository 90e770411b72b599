namespace Orleans.Fallback.Membership;

/// <summary>
/// This process's own part in membership: its host calls it at start and at stop. In a silo it writes the silo's status; a client only reads.
/// </summary>
/// <remarks>
/// Order in a silo: listen for silos; <see cref="JoinAsync"/>; open the gate; <see cref="BecomeActiveAsync"/>; serve;
/// <see cref="BeginShutdownAsync"/>; release the grains; <see cref="EndAsync"/>; close the connections.
/// </remarks>
internal interface IMembershipAgent
{
    /// <summary>Cancelled when the others have declared this silo dead, or it is cut off: nothing may be handed over, the process ends.</summary>
    CancellationToken Failed { get; }

    /// <summary>
    /// Silo: writes its row and waits until it reaches the other silos, which then may connect to it. Client: looks at the table for the first time,
    /// and goes on looking; that it cannot be reached is no failure.
    /// </summary>
    /// <exception cref="Runtime.OrleansException">The silo cannot join within <c>ClusterMembershipOptions.MaxJoinAttemptTime</c>.</exception>
    Task JoinAsync(CancellationToken cancellation);

    /// <summary>Silo: tells the others that it takes grains. Client: nothing.</summary>
    Task BecomeActiveAsync(CancellationToken cancellation);

    /// <summary>Silo: tells the others that it takes no more grains, before it releases those that it has. Client: nothing. Never fails.</summary>
    Task BeginShutdownAsync(CancellationToken cancellation);

    /// <summary>Silo: tells the others that it has gone. Both: stops looking at the table. Never fails; may be called without a join.</summary>
    Task EndAsync(CancellationToken cancellation);
}
