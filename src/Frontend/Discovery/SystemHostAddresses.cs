using System.Net;
using System.Net.Sockets;

namespace Admission.Frontend.Discovery;

/// <summary>By the machine's own resolver.</summary>
/// <remarks>
/// A question for each family, one after the other. Asked for both at once, glibc says that a name has no address when the server cannot answer about IPv4 (SERVFAIL) and knows of no
/// address of IPv6, which is so for every Service of IPv4 alone: a DNS server in trouble would look like a backend that was scaled to zero. Nor does anybody need the second answer
/// where the first has an address, and two questions at once over one socket are what gets lost in Linux' connection tracking.
/// </remarks>
internal sealed class SystemHostAddresses : IHostAddresses
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> AskAsync(string host, CancellationToken cancellation)
    {
        var found = await AskAsync(host, AddressFamily.InterNetwork, cancellation);
        return found.Length > 0 ? found : await AskAsync(host, AddressFamily.InterNetworkV6, cancellation);
    }

    private static async Task<IPAddress[]> AskAsync(string host, AddressFamily family, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, family, cancellation);
        }
        catch (SocketException none) when (none.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // A headless Service without a ready pod has no name for some servers, and no address for others.
            return [];
        }
    }
}
