using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admission.EndToEnd.Load;

/// <summary>
/// One HTTP/1.1 connection on a plain socket: cheap enough for the load, and able to do what a well-behaved client never does
/// (send by drops, read by drops, vanish, reset).
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    private HttpConnection(Socket socket) => _socket = socket;

    public static Task<HttpConnection> OpenAsync(int port, int receiveBuffer = 0, CancellationToken cancellation = default) =>
        OpenAsync(new IPEndPoint(IPAddress.Loopback, port), receiveBuffer, cancellation);

    public static async Task<HttpConnection> OpenAsync(
        IPEndPoint server, int receiveBuffer = 0, CancellationToken cancellation = default, Func<Socket>? newSocket = null)
    {
        var socket = newSocket?.Invoke() ?? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (receiveBuffer > 0)
            {
                socket.ReceiveBufferSize = receiveBuffer;
            }

            await socket.ConnectAsync(server, cancellation);
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request; a body goes with its length.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="headers">Whole header lines, each ended by CR LF.</param>
    /// <param name="body">The body, or null.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task SendAsync(string method, string target, string headers = "", byte[]? body = null, CancellationToken cancellation = default)
    {
        var length = body is null ? "" : $"Content-Length: {body.Length}\r\n";
        var head = Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{length}{headers}\r\n");
        return SendBytesAsync(body is null ? head : [.. head, .. body], cancellation);
    }

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
        }
    }

    /// <summary>Reads one whole answer.</summary>
    /// <exception cref="IOException">The connection ended before or within the answer.</exception>
    public async Task<HttpAnswer> ReadAsync(CancellationToken cancellation = default)
    {
        int headEnd;
        while ((headEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellation);
        }

        var head = Encoding.ASCII.GetString(_buffer, _start, headEnd);
        _start += headEnd + 4;
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var answer = new HttpAnswer(status, head, "");
        if (answer.Header("Content-Length") is { } length)
        {
            return answer with { Body = await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellation) };
        }

        return answer.Header("Transfer-Encoding") is "chunked"
            ? answer with { Body = await ReadChunksAsync(cancellation) }
            : throw new IOException($"An answer without length:\n{head}");
    }

    /// <summary>Reads what has come, at most so many bytes; 0 at the connection's end.</summary>
    public async Task<int> ReadSomeAsync(int most, CancellationToken cancellation = default) =>
        await _socket.ReceiveAsync(new byte[most].AsMemory(), cancellation);

    /// <summary>Vanishes with a reset in place of a farewell.</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadChunksAsync(CancellationToken cancellation)
    {
        var body = new StringBuilder();
        while (true)
        {
            int lineEnd;
            while ((lineEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
            {
                await FillAsync(cancellation);
            }

            var size = int.Parse(Encoding.ASCII.GetString(_buffer, _start, lineEnd), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _start += lineEnd + 2;
            var chunk = await TakeAsync(size + 2, cancellation);
            if (size == 0)
            {
                return body.ToString();
            }

            body.Append(chunk, 0, size);
        }
    }

    private async Task<string> TakeAsync(int count, CancellationToken cancellation)
    {
        while (_end - _start < count)
        {
            await FillAsync(cancellation);
        }

        var text = Encoding.UTF8.GetString(_buffer, _start, count);
        _start += count;
        return text;
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
        _end += count;
        if (count == 0)
        {
            throw new IOException($"The server closed the connection in the middle of an answer, after {_end - _start} bytes of it.");
        }
    }
}

/// <summary>An answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">Its body as text.</param>
internal sealed record HttpAnswer(int Status, string Head, string Body)
{
    /// <summary>A header's value, or null.</summary>
    public string? Header(string name)
    {
        foreach (var line in Head.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return line[(name.Length + 1)..].Trim().ToString();
            }
        }

        return null;
    }
}
