using System.Net;

namespace Admission.Grains.Cluster;

/// <summary>The section <c>Cluster</c>, read and checked. docs/configuration.md lists every setting.</summary>
internal sealed record ClusterSettings
{
    /// <summary>The PostgreSQL database that all silos and frontends of the cluster share, with time-outs.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Names one cluster among those in the database. Default <c>admission</c>.</summary>
    public string ClusterId { get; init; } = "admission";

    /// <summary>Part of the keys of what is stored; stays the same when a cluster is replaced by another. Default <c>admission</c>.</summary>
    public string ServiceId { get; init; } = "admission";

    /// <summary>What members of the cluster know and strangers do not; null for the one in the database.</summary>
    public string? Secret { get; init; }

    /// <summary>A second secret that is accepted, while one replaces the other.</summary>
    public string? OtherSecret { get; init; }

    /// <summary>Where others reach this silo. Default 127.0.0.1, which only this machine does.</summary>
    public IPAddress AdvertisedAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Where this silo listens. Default <see cref="AdvertisedAddress"/>.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Where other silos reach this one; null for the default, or a free one if that is taken.</summary>
    public int? SiloPort { get; init; }

    /// <summary>Where frontends reach this silo; null for the default, or a free one if that is taken.</summary>
    public int? GatewayPort { get; init; }

    /// <summary>Where this silo listens for silos, if that is not <see cref="SiloPort"/>.</summary>
    public int? SiloListenPort { get; init; }

    /// <summary>Where this silo listens for frontends, if that is not <see cref="GatewayPort"/>.</summary>
    public int? GatewayListenPort { get; init; }

    /// <summary>How often silos look after each other, and how long one may take to answer. 100 ms to 1 min; default 1 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes without answer after which a silo is suspected. 2 to 100; default 3.</summary>
    public int MissedProbes { get; init; } = 3;

    /// <summary>How often silos and frontends read who is in the cluster, beside being told. 500 ms to 10 min; default 5 s.</summary>
    public TimeSpan TableRefresh { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silo writes that it is there. 500 ms to 10 min; default 5 s.</summary>
    public TimeSpan IAmAlive { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after a confirmation by the database a silo's ledgers may grant and renew. 1 s to 5 min; default 45 s.</summary>
    public TimeSpan AuthorityTtl { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How often a silo has its authority confirmed. 100 ms to 1 min; default 5 s.</summary>
    public TimeSpan AuthorityRenewal { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether silos serve Orleans' own dashboard beside ours; default not. Only real Orleans has one.</summary>
    public bool OrleansDashboard { get; init; }
}
