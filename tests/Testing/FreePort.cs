using System.Net;
using System.Net.Sockets;

namespace Admission.Testing;

/// <summary>
/// Ports that nothing listens on, below the range from which the kernel takes those of outgoing connections: a server that
/// is restarted must find its port free, whatever thousands of clients did meanwhile.
/// </summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // Test processes that run at the same time have neighbouring ids, and must not try the same ports.
    private static int _next = Environment.ProcessId % Count * 211;

    public static int Take()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (Interlocked.Increment(ref _next) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new InvalidOperationException("No free port.");
    }
}
