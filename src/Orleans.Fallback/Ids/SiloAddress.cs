using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>One run of a silo: where it listens for other silos, and a number that no earlier run there had.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>
{
    private const char Separator = '@';

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>Where it listens for silos.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Grows with each run.</summary>
    public int Generation { get; }

    /// <summary>Creates an address.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>The address as <c>ip:port@generation</c>.</summary>
    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint.Address}:{Endpoint.Port}{Separator}{Generation}");

    /// <summary>Reads what <see cref="ToParsableString"/> wrote.</summary>
    public static SiloAddress FromParsableString(string addr)
    {
        ArgumentNullException.ThrowIfNull(addr);
        var at = addr.LastIndexOf(Separator);
        var colon = at < 0 ? -1 : addr.LastIndexOf(':', at);
        return colon < 0
            ? throw new FormatException($"'{addr}' is not of the form ip:port{Separator}generation.")
            : New(
                new IPEndPoint(IPAddress.Parse(addr.AsSpan(0, colon)), int.Parse(addr.AsSpan(colon + 1, at - colon - 1), CultureInfo.InvariantCulture)),
                int.Parse(addr.AsSpan(at + 1), CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <inheritdoc/>
    public int CompareTo(SiloAddress? other) =>
        other is null ? 1 : string.CompareOrdinal(ToParsableString(), other.ToParsableString());

    /// <inheritdoc/>
    public override string ToString() => $"S{Endpoint}:{Generation}";
}
