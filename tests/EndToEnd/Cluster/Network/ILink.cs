namespace Admission.EndToEnd.Cluster.Network;

/// <summary>Which way of a link is meant: from the process that opened the connections, or to it.</summary>
[Flags]
internal enum Ways
{
    None = 0,
    There = 1,
    Back = 2,
    Both = There | Back,
}

/// <summary>The way from one process to another, and what can be done to it.</summary>
internal interface ILink
{
    /// <summary>What passes comes later by this, and up to the jitter more; in its order.</summary>
    void Delay(TimeSpan delay, TimeSpan jitter);

    /// <summary>Every connection is reset, and every new one too, until it is healed.</summary>
    void Cut();

    /// <summary>Nothing arrives any more, not even that a connection has closed.</summary>
    void BlackHole(Ways ways);

    /// <summary>All is well again.</summary>
    /// <param name="deliver">Whether what was held arrives now; if not, its connections are reset.</param>
    void Heal(bool deliver = true);
}
