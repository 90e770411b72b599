using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Admission.Capacity;

namespace Admission.Client;

/// <summary>
/// The id of a lease: whoever has it may renew and release the lease. It cannot be guessed, and the ledger and its record have only a digest of it: <see cref="Name"/>. Written as the epoch of the ledger that granted it and
/// 22 characters of base64url: <c>7-3xAr0tZ1SRO-kyDmhs-v5Q</c>.
/// </summary>
public readonly record struct LeaseId
{
    private const int SecretBytes = 16;
    private const int SecretLength = 22;

    private readonly string _secret;

    private LeaseId(long epoch, string secret)
    {
        Name = new LeaseName(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(secret)).AsSpan(0, SecretBytes)), epoch);
        _secret = secret;
    }

    /// <summary>By what the ledger knows the lease.</summary>
    public LeaseName Name { get; }

    /// <summary>Makes the id of a lease that is to be taken; its epoch is not known yet.</summary>
    public static LeaseId New() => new(0, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Reads an id.</summary>
    /// <param name="text">What <see cref="ToString"/> has written.</param>
    /// <param name="id">The id.</param>
    /// <returns>False for anything else.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out LeaseId id)
    {
        id = default;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash is < 1 or > 19 || text!.Length != dash + 1 + SecretLength
            || !long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) || !Base64Url.IsValid(text.AsSpan(dash + 1)))
        {
            return false;
        }

        id = new LeaseId(epoch, text[(dash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name.Epoch}-{_secret}");

    internal LeaseId Of(long epoch) => new(epoch, _secret);
}
