using Orleans.Fallback.Membership;

namespace Orleans.Fallback.Network;

/// <summary>Whether the silo is on the network at all. One that is alone and has no gateway is not: it listens nowhere, and its calls stay as they are.</summary>
internal sealed class NetworkSwitch(IClusterMembership membership, LocalSilo silo)
{
    public bool IsOn { get; } = membership is not LocalMembership || silo.GatewayPort != 0;
}
