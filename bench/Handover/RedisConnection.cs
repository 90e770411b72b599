using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admission.Handover;

/// <summary>A connection to Redis, with as much of its protocol (RESP 2) as semaphores need. One caller at a time.</summary>
internal sealed class RedisConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[4096];
    private int _read;
    private int _filled;

    public static async Task<RedisConnection> OpenAsync(int port)
    {
        var connection = new RedisConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        return connection;
    }

    /// <summary>Sends a command and takes its answer: a number, a text, null, or an array of those.</summary>
    public async Task<object?> CallAsync(params string[] command)
    {
        await SendAsync(command);
        return await ReadAsync();
    }

    public async Task SendAsync(params string[] command)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command)
        {
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        }

        // So short that the kernel takes all of it at once.
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Takes the next answer, or the next message of a channel.</summary>
    public async Task<object?> ReadAsync()
    {
        var line = await LineAsync();
        switch (line[0])
        {
            case '+':
                return line[1..];
            case ':':
                return long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            case '$':
                return line == "$-1" ? null : await LineAsync();
            case '*':
                var parts = new object?[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture)];
                for (var i = 0; i < parts.Length; i++)
                {
                    parts[i] = await ReadAsync();
                }

                return parts;
            default:
                throw new InvalidOperationException($"Redis answers: {line}");
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>What stands before the next line's end. No text here has a line's end within.</summary>
    private async ValueTask<string> LineAsync()
    {
        while (true)
        {
            var length = _buffer.AsSpan(_read, _filled - _read).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _read, length);
                _read += length + 2;
                return line;
            }

            _buffer.AsSpan(_read, _filled - _read).CopyTo(_buffer);
            (_read, _filled) = (0, _filled - _read);
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_filled));
            _filled += received > 0 ? received : throw new EndOfStreamException("Redis has closed the connection.");
        }
    }
}
