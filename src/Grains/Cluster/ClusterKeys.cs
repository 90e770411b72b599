using System.Security.Cryptography;
using System.Text;

namespace Admission.Grains.Cluster;

/// <summary>
/// The keys of the cluster: made from the configured secret, or from the one that the first silo left in the database. The first is this process's own;
/// all of them are accepted.
/// </summary>
internal sealed class ClusterKeys(ClusterSettings settings, ISecretStore store)
{
    // A made-up secret needs none of this. One that a person thought of is worth slowing down whoever tries to guess it.
    private const int Rounds = 100_000;
    private const int KeyBytes = 32;

    private volatile byte[][]? _keys;

    /// <summary>The keys.</summary>
    /// <exception cref="ClusterNotReadyException">The database has no secret yet.</exception>
    /// <exception cref="System.Data.Common.DbException">The database cannot be asked.</exception>
    public async ValueTask<IReadOnlyList<byte[]>> GetAsync(CancellationToken cancellation)
    {
        if (_keys is { } known)
        {
            return known;
        }

        var secret = settings.Secret ?? await store.ReadAsync(cancellation);
        byte[][] keys = settings.OtherSecret is { } other ? [Derive(secret), Derive(other)] : [Derive(secret)];
        _keys = keys;
        return keys;
    }

    private byte[] Derive(string secret) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"admission cluster {settings.ServiceId}"), Rounds, HashAlgorithmName.SHA256, KeyBytes);
}
