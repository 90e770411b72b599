using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admission.Parked;

/// <summary>Clients that each have a connection and one request, and wait for its answer.</summary>
internal sealed class Crowd(int port) : IDisposable
{
    private const int AtOnce = 32;
    private const string Served = "HTTP/1.1 200";

    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: one\r\nUser-Agent: crowd\r\nAccept: */*\r\n\r\n");

    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _answers = [];
    private int _answered;

    /// <summary>Clients that have asked.</summary>
    public int Count => _answers.Count;

    /// <summary>Clients that have an answer.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Lets clients come until there are so many.</summary>
    public async Task GrowAsync(int count)
    {
        using var turns = new SemaphoreSlim(AtOnce);
        var arriving = new List<Task<(Socket Socket, Task Answer)>>();
        for (var next = Count; next < count; next++)
        {
            await turns.WaitAsync();
            arriving.Add(ArriveAsync(turns));
        }

        foreach (var (socket, answer) in await Task.WhenAll(arriving))
        {
            _sockets.Add(socket);
            _answers.Add(answer);
        }
    }

    /// <summary>Waits until everybody has been served; throws if anybody has been answered anything else.</summary>
    public Task AllServedAsync(TimeSpan bound) => Task.WhenAll(_answers).WaitAsync(bound);

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            // Reset, so that thousands of ports are not kept for a minute.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
        }
    }

    private async Task<(Socket Socket, Task Answer)> ArriveAsync(SemaphoreSlim turns)
    {
        try
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(Request);
            return (socket, AnswerAsync(socket));
        }
        finally
        {
            turns.Release();
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        var buffer = new byte[512];
        var length = 0;
        while (length < Served.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length));
            length += received > 0 ? received : throw new InvalidOperationException("A connection was closed without an answer.");
        }

        Interlocked.Increment(ref _answered);
        var status = Encoding.ASCII.GetString(buffer, 0, length);
        if (!status.StartsWith(Served, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"A request that waited was answered: {status.Split('\r')[0]}");
        }
    }
}
