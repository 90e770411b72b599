using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>What membership tells the rest of the engine, in silos and in clients. The network reads it; the provider of clustering implements it.</summary>
internal interface IClusterMembership
{
    /// <summary>The newest view.</summary>
    ClusterView Current { get; }

    /// <summary>Calls a handler after <see cref="Current"/> has changed, in no particular thread, until the process ends. It must not block.</summary>
    void OnChange(Action<ClusterView> handler);

    /// <summary>How long ago this process last reached the table; <see cref="TimeSpan.MaxValue"/> if never. Sent with answers to probes.</summary>
    TimeSpan TableAge { get; }

    /// <summary>Looks at the table now, because a peer's answer showed that the view is old. Calls that come meanwhile share one look.</summary>
    Task RefreshAsync();
}

/// <summary>What membership needs of the network, in silos only. The network implements it.</summary>
internal interface ISiloProbe
{
    /// <summary>Asks a silo for a sign of life: the answer comes from its message loop.</summary>
    /// <returns>The silo's <see cref="IClusterMembership.TableAge"/>: a silo that alone cannot reach the table must go, one of many that cannot must stay.</returns>
    /// <exception cref="Exception">There is no answer within the time that <paramref name="cancellation"/> gives, or no connection.</exception>
    Task<TimeSpan> ProbeAsync(SiloAddress silo, CancellationToken cancellation);

    /// <summary>Tells a silo that the table has changed, so that it looks; best effort, without waiting.</summary>
    void TellChanged(SiloAddress silo);
}
