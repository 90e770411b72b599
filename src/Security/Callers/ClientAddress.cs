using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Admission.Security.Callers;

/// <summary>
/// A client's address as a name, of a tenant or of who has tried a wrong key: an IPv4 address as it is; of an IPv6 address the first 64 bits, because whoever has one of them has all the
/// others (RFC 4291, 2.5.1: the second half is the interface's own choice).
/// </summary>
internal static class ClientAddress
{
    /// <summary>The name; null without an address (a Unix domain socket).</summary>
    /// <param name="address">The address that ASP.NET knows: the connection's, or what its ForwardedHeaders middleware has put in its place.</param>
    public static string? Name(IPAddress? address)
    {
        if (address is null or { AddressFamily: AddressFamily.InterNetwork })
        {
            return address?.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.IsIPv4MappedToIPv6
            ? string.Create(CultureInfo.InvariantCulture, stackalloc char[16], $"{bytes[12]}.{bytes[13]}.{bytes[14]}.{bytes[15]}")
            : string.Create(CultureInfo.InvariantCulture, stackalloc char[32], $"{Group(bytes, 0):x}:{Group(bytes, 1):x}:{Group(bytes, 2):x}:{Group(bytes, 3):x}::/64");
    }

    private static ushort Group(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * index)..]);
}
