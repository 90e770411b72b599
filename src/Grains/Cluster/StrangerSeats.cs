using System.Net;

namespace Admission.Grains.Cluster;

/// <summary>How many connections may be in their handshake at once: altogether, and from one address, so that one stranger cannot keep all members out.</summary>
/// <remarks>
/// An address is here only while it has a connection in its handshake, so there are never more than <see cref="Most"/>. The last 64 bits of an IPv6 address are a machine's
/// own choice, so a network of that size counts as one address.
/// </remarks>
internal sealed class StrangerSeats
{
    /// <summary>Altogether.</summary>
    public const int Most = 1_000;

    /// <summary>From one address: several gateways and silos may stand behind one, and come back all at once.</summary>
    public const int MostOfOne = 100;

    private const int NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _taken = [];
    private int _all;

    /// <summary>Takes a seat, to be given back with <see cref="Leave"/>.</summary>
    /// <returns>Why there is none; empty if one was taken.</returns>
    public string Enter(EndPoint? from)
    {
        var address = AddressOf(from);
        lock (_gate)
        {
            var taken = _taken.GetValueOrDefault(address);
            if (taken >= MostOfOne)
            {
                return "too many handshakes at once from this address";
            }

            if (_all >= Most)
            {
                return "too many handshakes at once";
            }

            _taken[address] = taken + 1;
            _all++;
            return "";
        }
    }

    /// <summary>Gives a seat back.</summary>
    public void Leave(EndPoint? from)
    {
        var address = AddressOf(from);
        lock (_gate)
        {
            _all--;
            if (--_taken[address] == 0)
            {
                _taken.Remove(address);
            }
        }
    }

    private static IPAddress AddressOf(EndPoint? from)
    {
        if (from is not IPEndPoint { Address: var address })
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
