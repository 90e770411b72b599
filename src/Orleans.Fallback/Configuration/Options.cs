using System.Net;
using Orleans.Runtime;

namespace Orleans.Configuration;

/// <summary>Which cluster this is.</summary>
public class ClusterOptions
{
    /// <summary>Identifies one deployment of the cluster. Default "default".</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>Identifies the service across deployments; part of the keys in storage. Default "default".</summary>
    public string ServiceId { get; set; } = "default";
}

/// <summary>The silo's name.</summary>
public class SiloOptions
{
    /// <summary>A name for logs; made up when not set.</summary>
    public string SiloName { get; set; } = null!;
}

/// <summary>Where a silo listens.</summary>
public class EndpointOptions
{
    /// <summary>Default of <see cref="SiloPort"/>.</summary>
    public const int DEFAULT_SILO_PORT = 11111;

    /// <summary>Default of <see cref="GatewayPort"/>.</summary>
    public const int DEFAULT_GATEWAY_PORT = 30000;

    private IPAddress _advertisedIPAddress = null!;
    private int _siloPort = DEFAULT_SILO_PORT;

    /// <summary>The address that others reach this silo by; not a wildcard.</summary>
    public IPAddress AdvertisedIPAddress
    {
        get => _advertisedIPAddress;
        set => _advertisedIPAddress = value is null || value.Equals(IPAddress.Any) || value.Equals(IPAddress.IPv6Any)
            || value.Equals(IPAddress.None) || value.Equals(IPAddress.IPv6None)
            ? throw new OrleansConfigurationException($"Invalid value specified for {nameof(AdvertisedIPAddress)}. The value was {value}")
            : value;
    }

    /// <summary>The port for other silos; not 0.</summary>
    public int SiloPort
    {
        get => _siloPort;
        set => _siloPort = value == 0
            ? throw new OrleansConfigurationException($"No listening port specified. Ensure that {nameof(SiloPort)} is set.")
            : value;
    }

    /// <summary>The port for clients; 0 for none.</summary>
    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;

    /// <summary>Where to listen for silos; default <see cref="AdvertisedIPAddress"/> and <see cref="SiloPort"/>.</summary>
    public IPEndPoint SiloListeningEndpoint { get; set; } = null!;

    /// <summary>Where to listen for clients; default <see cref="AdvertisedIPAddress"/> and <see cref="GatewayPort"/>.</summary>
    public IPEndPoint GatewayListeningEndpoint { get; set; } = null!;
}

/// <summary>What silos and clients have in common when they send messages.</summary>
public abstract class MessagingOptions
{
    /// <summary>Default of <see cref="MaxMessageHeaderSize"/>.</summary>
    public const int DEFAULT_MAX_MESSAGE_HEADER_SIZE = 10 * 1024 * 1024;

    /// <summary>Default of <see cref="MaxMessageBodySize"/>.</summary>
    public const int DEFAULT_MAX_MESSAGE_BODY_SIZE = 100 * 1024 * 1024;


    /// <summary>How long a caller waits for an answer. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a request that has waited longer than its caller is dropped. Default true.</summary>
    public bool DropExpiredMessages { get; set; } = true;

    /// <summary>Whether a caller that stops waiting cancels the request's token. Default true.</summary>
    public bool CancelRequestOnTimeout { get; set; } = true;

    /// <summary>The largest header of a message, in bytes. A larger one is not sent, and ends the connection that it comes by. Default 10 MiB.</summary>
    public int MaxMessageHeaderSize { get; set; } = DEFAULT_MAX_MESSAGE_HEADER_SIZE;

    /// <summary>The largest body of a message, in bytes. A larger one is not sent, and ends the connection that it comes by. Default 100 MiB.</summary>
    public int MaxMessageBodySize { get; set; } = DEFAULT_MAX_MESSAGE_BODY_SIZE;
}

/// <summary>Messages that a silo sends.</summary>
public class SiloMessagingOptions : MessagingOptions;

/// <summary>Messages that a client sends. A client that shares its process with a silo uses <see cref="SiloMessagingOptions"/>.</summary>
public class ClientMessagingOptions : MessagingOptions;

/// <summary>How silos find that one of them is gone.</summary>
public class ClusterMembershipOptions
{
    /// <summary>Missed heartbeats in the table after which a silo is not waited for at start. Default 3.</summary>
    public int NumMissedTableIAmAliveLimit { get; set; } = 3;

    /// <summary>Period and time-out of a probe. Default 5 s.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Period of reading the table. Default 60 s.</summary>
    public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a vote counts. Default 2 min.</summary>
    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Period of the heartbeat in the table. Default 30 s.</summary>
    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to try to join. Default 5 min.</summary>
    public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many silos each one probes. Default 10.</summary>
    public int NumProbedSilos { get; set; } = 10;

    /// <summary>Missed probes after which a silo is suspected. Default 3.</summary>
    public int NumMissedProbesLimit { get; set; } = 3;

    /// <summary>Votes that declare a silo dead, or as many as there are other silos. Default 2.</summary>
    public int NumVotesForDeathDeclaration { get; set; } = 2;

    /// <summary>How long the table keeps a silo that is dead. Default 7 days.</summary>
    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often dead silos are removed from the table; null for never. Default 1 h.</summary>
    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>When idle grains are deactivated.</summary>
public class GrainCollectionOptions
{
    /// <summary>How often to look. Default 1 min; more than zero.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a grain must be idle. Default 15 min; more than <see cref="CollectionQuantum"/>.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The same for single classes, by full class name.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    /// <summary>How long a deactivation may take. Default 30 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Storage in the memory of the process.</summary>
public class MemoryGrainStorageOptions;
