using System.Net;
using System.Net.Sockets;

namespace Admission.Frontend.Discovery;

/// <summary>By the machine's own resolver.</summary>
internal sealed class SystemHostAddresses : IHostAddresses
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> AskAsync(string host, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException none) when (none.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // A headless Service without a ready pod has no name for some servers, and no address for others.
            return [];
        }
    }
}
