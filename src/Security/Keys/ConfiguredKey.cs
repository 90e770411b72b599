using System.Security.Cryptography;

namespace Admission.Security.Keys;

/// <summary>A key as it is configured.</summary>
/// <param name="Name">Whose it is, as the audit trail has it. Several keys may have one name, while one replaces the other.</param>
/// <param name="Role">What it allows.</param>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="Tenant">The tenant that it proves; null for none.</param>
internal sealed record ConfiguredKey(string Name, AccessRole Role, byte[] Hash, string? Tenant)
{
    /// <summary>Names the key in a session. A hash of the hash, so that a session that is read shows nothing that can be compared with what is configured.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Hash).AsSpan(0, 16));

    /// <summary>Finds the key that was sent; takes as long whichever it is, and if it is none.</summary>
    public static ConfiguredKey? Find(IReadOnlyList<ConfiguredKey> keys, string sent)
    {
        var hash = ApiKey.Hash(sent);
        ConfiguredKey? found = null;
        foreach (var key in keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, key.Hash) ? key : found;
        }

        return found;
    }
}
