using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Silo">The silo; null for a client.</param>
/// <param name="Client">The client's name; null for a silo.</param>
internal sealed record Peer(SiloAddress? Silo, string? Client)
{
    public override string ToString() => Silo is not null ? $"silo {Silo}" : $"client {Client}";
}
