using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admission.Frontend.Tests.Support;

/// <summary>A backend of bare connections: it counts the bytes that come, and answers so many requests, without a body. The next one's connection it closes.</summary>
internal sealed class RawBackend : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _answers;
    private int _closed;
    private long _bytes;

    public RawBackend(int answers)
    {
        _answers = answers;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}/";

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Connections that have ended.</summary>
    public int Closed => Volatile.Read(ref _closed);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            var buffer = new byte[4096];
            var request = new StringBuilder();
            while (await connection.ReceiveAsync(buffer) is > 0 and var count)
            {
                Interlocked.Add(ref _bytes, count);
                request.Append(Encoding.ASCII.GetString(buffer, 0, count));
                if (request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    request.Clear();
                    if (Interlocked.Decrement(ref _answers) < 0)
                    {
                        break;
                    }

                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                }
            }
        }

        Interlocked.Increment(ref _closed);
    }
}
