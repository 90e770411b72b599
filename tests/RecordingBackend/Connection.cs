using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace Admission.RecordingBackend;

/// <summary>One HTTP/1.1 connection with at most one request at a time. What is read is parsed when the server says so.</summary>
internal sealed class Connection(Socket socket)
{
    private const int MaxHead = 64 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _count;
    private long _bodyLeft;

    public Socket Socket => socket;

    /// <summary>The other side has closed, or broken, the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The request that is being worked on.</summary>
    public Work? Work { get; set; }

    /// <summary>Takes what has come.</summary>
    public void Receive()
    {
        try
        {
            if (_count == _buffer.Length)
            {
                if (_count >= MaxHead)
                {
                    throw new InvalidDataException("A head without end.");
                }

                Array.Resize(ref _buffer, _count * 2);
            }

            var count = socket.Receive(_buffer.AsSpan(_count), SocketFlags.None);
            _count += count;
            IsClosed = count == 0;
            SkipBody();
        }
        catch (SocketException)
        {
            IsClosed = true;
        }
    }

    /// <summary>The next request's head, if it is there whole and none is worked on. Its body is dropped as it comes.</summary>
    public string? TakeHead()
    {
        if (Work is not null || _bodyLeft > 0)
        {
            return null;
        }

        var end = _buffer.AsSpan(0, _count).IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end + 2);
        Drop(end + 4);
        _bodyLeft = long.Parse(Header(head, "Content-Length") ?? "0");
        SkipBody();
        return head;
    }

    /// <summary>Answers.</summary>
    /// <param name="body">The body.</param>
    /// <param name="work">Which of the times that the request was worked on this was.</param>
    public void Answer(string body, string work)
    {
        try
        {
            socket.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Work: {work}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        }
        catch (SocketException)
        {
            IsClosed = true;
        }
    }

    /// <summary>A header's value, or null.</summary>
    public static string? Header(string head, string name)
    {
        var start = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        return start < 0 ? null : head[(start + name.Length + 3)..head.IndexOf("\r\n", start + 2, StringComparison.Ordinal)].Trim();
    }

    private void SkipBody()
    {
        if (_bodyLeft > 0)
        {
            var skipped = (int)Math.Min(_bodyLeft, _count);
            _bodyLeft -= skipped;
            Drop(skipped);
        }
    }

    private void Drop(int count)
    {
        _count -= count;
        Buffer.BlockCopy(_buffer, count, _buffer, 0, _count);
    }
}
