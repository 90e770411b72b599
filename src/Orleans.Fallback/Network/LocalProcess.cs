using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>Who this process is on the network: a silo, or a client.</summary>
/// <param name="Silo">The silo; null in a client.</param>
/// <param name="Client">The client's made-up name; null in a silo.</param>
internal sealed record LocalProcess(SiloAddress? Silo, string? Client)
{
    /// <summary>The name that is a part of the identities of this process's observers.</summary>
    public string Name { get; } = Silo?.ToParsableString() ?? Client!;

    public static LocalProcess OfSilo(SiloAddress silo) => new(silo, Client: null);

    public static LocalProcess NewClient() => new(Silo: null, Guid.NewGuid().ToString("N"));
}
