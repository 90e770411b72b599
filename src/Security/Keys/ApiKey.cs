using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Admission.Security.Keys;

/// <summary>A key that a caller sends: <c>adm_</c> and 256 random bits.</summary>
/// <remarks>
/// What is configured is its SHA-256. A slow hash with a salt is for passwords, which people choose and others guess; 2^256 keys cannot be tried whatever one try costs, and a slow hash would
/// let anybody who sends wrong keys keep the processor busy (NIST SP 800-63B, 5.1.2.2: look-up secrets of 112 bits and more need no salted, iterated hash).
/// </remarks>
internal static class ApiKey
{
    /// <summary>How every key begins, so that it is recognised, also by programs that look for secrets in what is published.</summary>
    public const string Prefix = "adm_";

    /// <summary>How a configured hash begins.</summary>
    public const string HashPrefix = "sha256:";

    private const int RandomBytes = 32;

    /// <summary>Makes a new one.</summary>
    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>What is compared.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>What is configured.</summary>
    public static string HashText(string key) => HashPrefix + Convert.ToHexStringLower(Hash(key));

    /// <summary>Reads what is configured; null for anything else.</summary>
    public static byte[]? ParseHash(string text)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        return text.StartsWith(HashPrefix, StringComparison.Ordinal) && text.Length == HashPrefix.Length + (2 * hash.Length)
            && Convert.FromHexString(text.AsSpan(HashPrefix.Length), hash, out _, out var written) == System.Buffers.OperationStatus.Done && written == hash.Length
            ? hash : null;
    }
}
