using System.Net;
using System.Net.Sockets;
using Admission.Grains.Cluster;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Admission.Silo.Hosting;

/// <summary>Where the silo answers about its health if nothing says where. The server gets the very socket, so nobody can come between.</summary>
internal sealed class HttpPort : IDisposable
{
    private ReservedPort? _reserved;

    /// <summary>Takes the port, or any that is free.</summary>
    /// <returns>The address.</returns>
    public string Take(IPAddress address, int port)
    {
        _reserved = ReservedPort.TakeOrAny(address, port);
        return $"http://{address}:{_reserved.Port}";
    }

    /// <summary>The socket for an address of the server's.</summary>
    public Socket Listen(EndPoint endpoint) =>
        _reserved is { } reserved && endpoint.Equals(reserved.Endpoint) ? reserved.Detach() : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    public void Dispose() => _reserved?.Dispose();
}
