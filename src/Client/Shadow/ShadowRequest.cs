using Admission.Capacity;

namespace Admission.Client;

/// <summary>
/// One request as a policy in shadow sees it. Whoever serves the request says when its run begins and ends, and in any case when it is over (<see cref="Dispose"/>); the shadow follows,
/// on its own, also longer than the request is there.
/// </summary>
/// <remarks>Thread-safe. Nothing here throws, waits or changes what becomes of the request.</remarks>
public sealed class ShadowRequest : WaitingRequest, IDisposable
{
    private readonly ShadowBackend _shadow;
    private CancellationToken _clientGone;
    private CancellationTokenRegistration _registration;

    internal ShadowRequest(ShadowBackend shadow, ShadowTally tally, long arrived)
    {
        _shadow = shadow;
        Tally = tally;
        ArrivedAt = arrived;
    }

    /// <summary>What the request itself does.</summary>
    internal enum RealRun
    {
        /// <summary>It is about to run, or to be refused: it does not wait.</summary>
        Imminent,

        /// <summary>It waits for the policy that is enforced.</summary>
        Waits,

        /// <summary>It runs since <see cref="ShadowRequest.RealBegan"/>.</summary>
        Runs,

        /// <summary>It ran for <see cref="ShadowRequest.Run"/>.</summary>
        Ended,

        /// <summary>It never ran: it was refused, or its client left before.</summary>
        Never,
    }

    /// <summary>What it does in shadow.</summary>
    internal enum ShadowRun
    {
        /// <summary>It waits for a permit.</summary>
        Waits,

        /// <summary>It has one, since <see cref="ShadowRequest.Granted"/>.</summary>
        Runs,

        /// <summary>It is over.</summary>
        Over,
    }

    /// <summary>Where it is counted.</summary>
    internal ShadowTally Tally { get; }

    internal long ArrivedAt { get; }

    internal RealRun Real { get; set; }

    internal long RealBegan { get; set; }

    internal TimeSpan Run { get; set; }

    internal ShadowRun State { get; set; }

    internal Permit Permit { get; set; }

    internal long Granted { get; set; }

    /// <summary>How long it runs in shadow, where that was taken from another request.</summary>
    internal TimeSpan? Assumed { get; set; }

    /// <summary>Ends its run in shadow.</summary>
    internal ITimer? End { get; set; }

    /// <summary>Its place among those that run, in the order of their grants.</summary>
    internal LinkedListNode<ShadowRequest>? Place { get; set; }

    /// <summary>Its run has begun: it has the permit that is enforced, or needs none.</summary>
    public void RunBegan() => _shadow.RunBegan(this);

    /// <summary>Its run has ended.</summary>
    /// <param name="whole">It ran to its end; false if it was cut short, because its client left, say, so that it might have run longer.</param>
    public void RunEnded(bool whole) => _shadow.RunEnded(this, whole);

    /// <summary>The request is over, whether it has run or not. Saying so again changes nothing.</summary>
    public void Dispose()
    {
        // Not waiting for a callback that may be under way. Another one of the same cancellation may have come here first.
        _registration.Unregister();
        if (_clientGone.IsCancellationRequested)
        {
            ClientLeft();
        }

        _clientGone = CancellationToken.None;
        _shadow.RequestOver(this);
    }

    /// <inheritdoc/>
    public override void Decided(in PoolResult result) => _shadow.Decided(this, result, atOnce: false);

    /// <summary>Gives its ticket up when its client leaves.</summary>
    internal void Watch(CancellationToken clientGone)
    {
        _clientGone = clientGone;
        _registration = clientGone.UnsafeRegister(static request => ((ShadowRequest)request!).ClientLeft(), this);
    }

    /// <summary>The time has come at which its run ends in shadow.</summary>
    internal void RunsOut() => _shadow.RunsOut(this);

    private void ClientLeft() => _shadow.ClientLeft(this);
}
