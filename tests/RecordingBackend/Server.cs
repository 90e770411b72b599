using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Web;

namespace Admission.RecordingBackend;

/// <summary>
/// The backend: one thread, which does nothing but wait, so that the journal's order is the order in which things came to it.
/// </summary>
/// <remarks>
/// What one wait brings is taken in this order: closed connections, new requests, work that is done. A request on a connection and the
/// end of an earlier one on another, which both were there, are so no overlap; but a request that was there before an earlier
/// one's end was written is one, because nobody can have known of that end.
/// </remarks>
internal sealed class Server : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Dictionary<Socket, Connection> _connections = [];
    private readonly PriorityQueue<(Connection Connection, Work Work), long> _due = new();
    private readonly List<Socket> _readable = [];
    private readonly bool _stops;
    private readonly TimeSpan _bound;
    private readonly Journal _journal;
    private int _started;

    public Server(IPEndPoint address, bool stops, TimeSpan bound, Journal journal)
    {
        (_stops, _bound, _journal) = (stops, bound, journal);
        _listener.Bind(address);
        _listener.Listen(4096);
    }

    public void Run()
    {
        while (true)
        {
            Wait();
            var touched = new List<Connection>();
            foreach (var socket in _readable)
            {
                if (_connections.TryGetValue(socket, out var connection))
                {
                    connection.Receive();
                    touched.Add(connection);
                }
                else
                {
                    Accept();
                }
            }

            touched.Where(connection => connection.IsClosed).ToList().ForEach(Close);
            touched.Where(connection => !connection.IsClosed).ToList().ForEach(Begin);
            EndDue();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var socket in _connections.Keys)
        {
            socket.Dispose();
        }
    }

    private void Wait()
    {
        _readable.Clear();
        _readable.Add(_listener);
        _readable.AddRange(_connections.Keys);
        var wait = _due.TryPeek(out _, out var due) ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) : TimeSpan.FromMinutes(1);
        // The kernel waits whole milliseconds; rounded down it would spin.
        Socket.Select(_readable, null, null, TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))));
    }

    private void Accept()
    {
        var socket = _listener.Accept();
        socket.NoDelay = true;
        _connections.Add(socket, new(socket));
    }

    private void Begin(Connection connection)
    {
        while (connection.TakeHead() is { } head)
        {
            var target = head.Split(' ')[1];
            var query = HttpUtility.ParseQueryString(target[(target.IndexOf('?') + 1)..]);
            var work = new Work(query["id"] ?? "-", $"{Environment.ProcessId}-{++_started}");
            _journal.Start(work.Id, Connection.Header(head, "Idempotency-Key") ?? "-");
            connection.Work = work;
            var length = TimeSpan.FromMilliseconds(double.Parse(query["ms"] ?? "0"));
            length = length < _bound ? length : _bound;
            _due.Enqueue((connection, work), Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency));
        }
    }

    private void Close(Connection connection)
    {
        _connections.Remove(connection.Socket);
        connection.Socket.Dispose();
        if (_stops && connection.Work is { } work)
        {
            End(connection, work);
        }
    }

    private void EndDue()
    {
        while (_due.TryPeek(out var next, out var due) && due <= Stopwatch.GetTimestamp())
        {
            _due.Dequeue();
            var (connection, work) = next;
            if (!work.Ended)
            {
                End(connection, work);
                if (!connection.IsClosed)
                {
                    connection.Answer(work.Id, work.Name);
                    Begin(connection);
                }
            }
        }
    }

    private void End(Connection connection, Work work)
    {
        // Written before the answer is sent: whoever reacts to the answer cannot seem too early.
        _journal.End(work.Id);
        work.Ended = true;
        connection.Work = null;
    }
}
