using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Admission.Capacity;

/// <summary>
/// The name of one request in the cluster, for clients and operators: 32 characters of a URL. Two are equal if they name the same request, whatever became of it.
/// </summary>
/// <remarks>
/// <para>
/// 24 bytes in base64url (RFC 4648 section 5): a version, the reason if the request was refused, the request's number in its holder (6 bytes), a hash of the holder's name (8 bytes), the
/// saturation notice that refused it (4 bytes, 0 for none), and the age of the holder's pool in seconds when the request came (4 bytes). So a refusal that no log has kept can still be told apart and explained.
/// </para>
/// <para>
/// It is a name, no secret and no right: who has one can make up others of the same holder, and see how many seconds that has run and how many requests it has refused or let wait. What they stand for is only told
/// to those who may ask the admin API.
/// </para>
/// </remarks>
public readonly struct TicketId : IEquatable<TicketId>
{
    /// <summary>Characters of the text.</summary>
    public const int Length = 32;

    private const int Bytes = 24;
    private const int Version = 1;
    private const int NumberBits = 48;
    private const ulong NumberMask = (1UL << NumberBits) - 1;

    private readonly ulong _holder;
    private readonly ulong _request;
    private readonly ulong _when;

    internal TicketId(ulong holder, long number, RefusalReason reason, uint notice, uint age)
        : this(holder, ((ulong)Version << 56) | ((ulong)(byte)reason << NumberBits) | ((ulong)number & NumberMask), ((ulong)notice << 32) | age)
    {
    }

    private TicketId(ulong holder, ulong request, ulong when)
    {
        _holder = holder;
        _request = request;
        _when = when;
    }

    /// <summary>Names nothing: the request was decided at once, or by nobody who gives names.</summary>
    public bool IsNone => _request == 0;

    /// <summary>Why the request was refused, as far as its ticket says; None while it waits, and if it was admitted.</summary>
    public RefusalReason Reason => (RefusalReason)(byte)(_request >> NumberBits);

    /// <summary>The hash of the holder's name.</summary>
    internal ulong Holder => _holder;

    /// <summary>The request's number in its holder.</summary>
    internal long Number => (long)(_request & NumberMask);

    /// <summary>The notice that refused it, the lower half of its number; 0 for none.</summary>
    internal uint Notice => (uint)(_when >> 32);

    /// <summary>How old the holder's pool was when the request came, in seconds.</summary>
    internal uint Age => (uint)_when;

    /// <summary>Reads the text of a ticket.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ticket">What it names.</param>
    /// <returns>False if no ticket looks like that.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out TicketId ticket)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        ticket = default;
        if (text.Length != Length || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Bytes)
        {
            return false;
        }

        ticket = new TicketId(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]));
        if (ticket._request >> 56 == Version && ticket.Number > 0)
        {
            return true;
        }

        ticket = default;
        return false;
    }

    /// <summary>The text; empty for none.</summary>
    public override string ToString() => IsNone ? "" : string.Create(Length, this, static (text, ticket) =>
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        ticket.Write(bytes);
        Base64Url.EncodeToChars(bytes, text);
    });

    /// <summary>Writes the text.</summary>
    /// <param name="text">Takes the first <see cref="Length"/> bytes.</param>
    public void WriteUtf8(Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Write(bytes);
        Base64Url.EncodeToUtf8(bytes, text);
    }

    /// <inheritdoc/>
    public bool Equals(TicketId other) => _holder == other._holder && Number == other.Number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TicketId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_holder, Number);

    /// <summary>What stands for a holder in its tickets: the first 8 bytes of the SHA-256 of its name, which may tell more than a client should know.</summary>
    internal static ulong TagOf(string holder)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(holder), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _request);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _holder);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], _when);
    }
}
