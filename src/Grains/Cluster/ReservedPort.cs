using System.Net;
using System.Net.Sockets;

namespace Admission.Grains.Cluster;

/// <summary>A port that nobody else can take while this process gets ready to listen there.</summary>
/// <remarks>
/// A socket that is only bound does not reserve: .NET binds with <c>SO_REUSEADDR</c>, without which a process that was just restarted would find its port taken, and with it
/// Linux lets another one be bound there too. Only one may listen. So it listens, and where that may take a while it turns away who comes (<see cref="TurnAway"/>).
/// </remarks>
internal sealed class ReservedPort : IDisposable
{
    private const int Backlog = 128;

    private readonly Socket _socket;
    private volatile bool _disposed;
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
            socket.Listen(Backlog);
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

    /// <summary>
    /// From now on whoever connects is reset at once, as if nobody listened: other silos that still know this port from before would otherwise wait for an
    /// answer. The socket cannot be given away any more.
    /// </summary>
    public void TurnAway() => _ = TurnAwayAsync();

    /// <summary>Gives the socket away, to somebody who can take one.</summary>
    public Socket Detach()
    {
        _detached = true;
        return _socket;
    }

    public void Dispose()
    {
        _disposed = true;
        if (!_detached)
        {
            _socket.Dispose();
        }
    }

    private async Task TurnAwayAsync()
    {
        try
        {
            while (!_disposed)
            {
                using var connection = await _socket.AcceptAsync();
                connection.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (Exception closed) when (_disposed && closed is SocketException or ObjectDisposedException)
        {
            // The engine takes the port now.
        }
        catch (SocketException)
        {
            // No more descriptors, most likely. The port stays reserved, which is what it is for; who connects waits.
        }
    }
}
