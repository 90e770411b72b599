using System.Net.Sockets;

namespace Orleans.Fallback.Network;

/// <summary>What all sockets of the engine have.</summary>
internal static class SocketSettings
{
    private const int LinuxTcpUserTimeout = 18;

    /// <summary>
    /// The kernel looks for a peer that vanished without a word: after 5 s of silence, each second, five times; and what was sent must be
    /// acknowledged within 10 s.
    /// </summary>
    public static void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption((int)ProtocolType.Tcp, LinuxTcpUserTimeout, BitConverter.GetBytes(10_000));
        }
    }
}
