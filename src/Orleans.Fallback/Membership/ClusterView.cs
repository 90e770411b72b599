using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>A silo as the membership table has it.</summary>
/// <param name="Address">Which run of which silo.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Name">Its name, for logs.</param>
/// <param name="GatewayPort">Where it listens for clients, at the same address; 0 for nowhere.</param>
internal sealed record ClusterMember(SiloAddress Address, SiloStatus Status, string Name, int GatewayPort);

/// <summary>The cluster as one process sees it: the silos of one version of the membership table.</summary>
/// <param name="Version">Grows with each change of a silo's status; it shrinks only when the table was made anew.</param>
/// <param name="Members">All silos that the table has, dead ones included.</param>
internal sealed record ClusterView(long Version, ImmutableArray<ClusterMember> Members)
{
    /// <summary>Nothing is known yet.</summary>
    public static ClusterView Empty { get; } = new(-1, []);

    /// <summary>The silos that take grains.</summary>
    public IReadOnlyList<ClusterMember> Active { get; } = [.. Members.Where(member => member.Status == SiloStatus.Active)];

    /// <summary>
    /// Where a grain lives: the active silo with the highest hash of silo and grain (rendezvous hashing, Thaler and Ravishankar 1996), so that
    /// a change of the view moves only the grains of the silos that came or went. Null when no silo is active.
    /// </summary>
    public SiloAddress? OwnerOf(GrainId grain)
    {
        SiloAddress? owner = null;
        ulong highest = 0;
        foreach (var member in Active)
        {
            var weight = Weight(member.Address, grain);
            if (owner is null || weight > highest || (weight == highest && member.Address.CompareTo(owner) > 0))
            {
                (owner, highest) = (member.Address, weight);
            }
        }

        return owner;
    }

    private static ulong Weight(SiloAddress silo, GrainId grain)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(Encoding.UTF8.GetBytes($"{silo.ToParsableString()} {grain}"), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
