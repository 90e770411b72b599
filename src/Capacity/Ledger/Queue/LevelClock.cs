namespace Admission.Capacity;

/// <summary>Where the tenants of a priority are that get what is theirs, and no more: the virtual time of fair queueing.</summary>
/// <remarks>
/// <para>
/// As in WF2Q+ (J. C. R. Bennett, H. Zhang, "Hierarchical Packet Fair Queueing Algorithms", IEEE/ACM ToN 5(5), 1997) it grows with each grant by the former grant's
/// permits divided by the weights of all tenants that wait or are ahead of it, and is never behind a tag that was served. Without it an endless stream of new tenants, each of which starts where
/// the one is that is being served, would starve everybody who has been served once.
/// </para>
/// <para>
/// While a tenant is served whose tag lies behind it, so out of its burst credit, it grows by a quarter of that. At the whole rate all tags that are behind it would stay as far
/// behind as they are; so a tenant that never stops waiting would keep its credit for ever, and nobody could go before it. At a quarter of the rate whoever waits all the time is where the
/// clock is within four thirds of its credit, in turns of everybody who waits. And who waits all the time beside others who ask for nearly their share must not fall behind the clock while these
/// are served, or it would have a credit too: only those who wait at the moment are counted, so the clock has to be slower than what is left to it, one part in all of them. At half the rate it was not.
/// </para>
/// </remarks>
internal sealed class LevelClock
{
    /// <summary>The part of its rate at which it goes while a tenant is served out of credit.</summary>
    private const double Behind = 1.0 / 4;

    private int _lastGrant;

    /// <summary>Whether tags may lie behind it: there is a burst credit.</summary>
    public bool LeavesBehind { get; set; }

    /// <summary>The virtual time: permits for a weight of one.</summary>
    public double Now { get; private set; }

    /// <summary>A ticket is granted.</summary>
    /// <param name="start">Its start tag.</param>
    /// <param name="permits">Its permits.</param>
    /// <param name="weights">The weights of all tenants that the clock counts.</param>
    public void Serve(double start, int permits, long weights)
    {
        var step = _lastGrant / (double)weights;
        Now = Math.Max(Now + (LeavesBehind && start < Now ? step * Behind : step), start);
        _lastGrant = permits;
    }

    /// <summary>Takes over where a predecessor was.</summary>
    public void Restore(double now) => Now = now;
}
