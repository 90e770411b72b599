using System.Net;
using System.Net.Sockets;

namespace Admission.Grains.Cluster;

/// <summary>A port that nobody else can take while this process gets ready to listen there.</summary>
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket;
    private bool _detached;

    private ReservedPort(Socket socket)
    {
        _socket = socket;
        Endpoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>The address and the port.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The port.</summary>
    public int Port => Endpoint.Port;

    /// <summary>Takes a port.</summary>
    /// <exception cref="SocketException">It is taken, or the address is not this machine's.</exception>
    public static ReservedPort Take(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));

            // Two sockets may be bound to one port; only one may listen.
            socket.Listen(1);
            return new ReservedPort(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes a port, or any that is free.</summary>
    public static ReservedPort TakeOrAny(IPAddress address, int port)
    {
        try
        {
            return Take(address, port);
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return Take(address, 0);
        }
    }

    /// <summary>Gives the socket away, to somebody who can take one.</summary>
    public Socket Detach()
    {
        _detached = true;
        return _socket;
    }

    public void Dispose()
    {
        if (!_detached)
        {
            _socket.Dispose();
        }
    }
}
