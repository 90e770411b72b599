using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Admission.Held;

/// <summary>Clients that each have a connection and one request, and take what comes: heartbeats, and at last the answer.</summary>
internal sealed class Crowd(int port, string accept) : IDisposable
{
    private const int AtOnce = 32;
    private const int Addresses = 8;
    private const string Answer = "{\"at\":";

    private readonly byte[] _request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: one\r\nUser-Agent: crowd\r\nAccept: {accept}\r\n\r\n");
    private readonly List<Client> _clients = [];

    /// <summary>Clients whose response has begun.</summary>
    public int Begun => _clients.Count(client => client.HasBegun);

    /// <summary>Clients that have an answer.</summary>
    public int Answered => _clients.Count(client => client.Delivery is not null);

    /// <summary>From the backend's answer to its client's hands, in milliseconds.</summary>
    public IEnumerable<double> Deliveries => _clients.Select(client => client.Delivery!.Value);

    /// <summary>How much later than it should each heartbeat has come after the one before it, in milliseconds; of those since <see cref="Watch"/>.</summary>
    public IEnumerable<double> Lateness => _clients.SelectMany(client => client.Lateness);

    /// <summary>Lets clients come.</summary>
    public async Task ComeAsync(int count)
    {
        using var turns = new SemaphoreSlim(AtOnce);
        var arriving = new List<Task<Client>>();
        for (var next = 0; next < count; next++)
        {
            await turns.WaitAsync();
            arriving.Add(ArriveAsync(next, turns));
        }

        _clients.AddRange(await Task.WhenAll(arriving));
    }

    /// <summary>Heartbeats count from now on.</summary>
    public void Watch() => _clients.ForEach(client => client.Watches = true);

    /// <summary>Waits until everybody has been served.</summary>
    public Task AllServedAsync(TimeSpan bound) => Task.WhenAll(_clients.Select(client => client.Done)).WaitAsync(bound);

    public void Dispose() => _clients.ForEach(client => client.Dispose());

    private async Task<Client> ArriveAsync(int number, SemaphoreSlim turns)
    {
        try
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
            socket.Bind(new IPEndPoint(new IPAddress(new byte[] { 127, 0, 0, (byte)(1 + (number % Addresses)) }), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(_request);
            return new Client(socket);
        }
        finally
        {
            turns.Release();
        }
    }

    private sealed class Client : IDisposable
    {
        private readonly Socket _socket;
        private long _last;

        public Client(Socket socket)
        {
            _socket = socket;
            Done = TakeAsync();
        }

        public bool HasBegun { get; private set; }

        public bool Watches { get; set; }

        public double? Delivery { get; private set; }

        public List<double> Lateness { get; } = [];

        public Task Done { get; }

        public void Dispose()
        {
            // Reset, so that thousands of ports are not kept for a minute.
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            _socket.Dispose();
        }

        private async Task TakeAsync()
        {
            var buffer = new byte[512];
            var rest = "";
            while (true)
            {
                var count = await _socket.ReceiveAsync(buffer);
                var now = Stopwatch.GetTimestamp();
                if (count == 0)
                {
                    throw new InvalidOperationException($"A connection was closed without an answer: {rest}");
                }

                var text = rest + Encoding.ASCII.GetString(buffer, 0, count);
                if (!HasBegun)
                {
                    // Headers, and after them the first byte.
                    rest = text;
                    HasBegun = text.Contains("\r\n\r\n", StringComparison.Ordinal);
                    if (HasBegun && !text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                    {
                        throw new InvalidOperationException($"A request was answered: {text}");
                    }

                    rest = HasBegun ? text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..] : rest;
                    text = rest;
                }
                else if (Watches && _last > 0)
                {
                    Lateness.Add((Stopwatch.GetElapsedTime(_last, now) - Subject.Every).TotalMilliseconds);
                }

                _last = now;
                var at = text.IndexOf(Answer, StringComparison.Ordinal);
                if (at >= 0 && text.IndexOf('}', at) is > 0 and var end)
                {
                    var made = long.Parse(text.AsSpan((at + Answer.Length)..end), CultureInfo.InvariantCulture);
                    Delivery = Stopwatch.GetElapsedTime(made, now).TotalMilliseconds;
                    return;
                }

                rest = at >= 0 ? text : text.Length > 64 ? text[^64..] : text;
            }
        }
    }
}
