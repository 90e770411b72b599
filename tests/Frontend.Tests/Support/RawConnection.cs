using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admission.Frontend.Tests.Support;

/// <summary>A client that sends and reads exactly what a test says, as slowly as it says. Its receive buffer is small, so that it does not read ahead.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;

    private RawConnection(Socket socket) => _socket = socket;

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawConnection(socket);
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Reads some bytes.</summary>
    public async Task<string> ReadSomeAsync(int most = 4096)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var buffer = new byte[most];
        return Encoding.ASCII.GetString(buffer, 0, await _socket.ReceiveAsync(buffer, patience.Token));
    }

    /// <summary>Reads until a text has come.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        var read = new StringBuilder();
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            var some = await ReadSomeAsync();
            some.ShouldNotBeEmpty($"The connection ended after: {read}");
            read.Append(some);
        }

        return read.ToString();
    }

    /// <summary>Reads to the connection's end; the number of bytes.</summary>
    public async Task<long> ReadToEndAsync()
    {
        long total = 0;
        var buffer = new byte[64 << 10];
        for (int count; (count = await _socket.ReceiveAsync(buffer)) > 0;)
        {
            total += count;
        }

        return total;
    }

    public void Dispose()
    {
        _socket.LingerState = new LingerOption(enable: true, 0);
        _socket.Dispose();
    }
}
