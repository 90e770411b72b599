using System.Net.Sockets;

namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>What the proxy does to sockets.</summary>
internal static class Sockets
{
    /// <summary>Closes with a reset in place of a farewell.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }

        socket.Dispose();
    }
}
