using System.Net;
using System.Net.Sockets;

namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>Listens in place of a server, and carries each connection over the link of the process that opened it.</summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];
    private readonly Lock _lock = new();
    private readonly IPEndPoint _target;
    private readonly Func<IPEndPoint, ProxiedLink> _linkOf;
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    /// <param name="address">Where clients connect to.</param>
    /// <param name="targetPort">The port that the server listens on, on the loopback address.</param>
    /// <param name="linkOf">Which link a new connection belongs to, by the address that it comes from.</param>
    /// <param name="newSocket">Makes the socket to listen with; null: an ordinary one.</param>
    public LinkProxy(IPEndPoint address, int targetPort, Func<IPEndPoint, ProxiedLink> linkOf, Func<Socket>? newSocket = null)
    {
        Port = address.Port;
        _listener = newSocket?.Invoke() ?? new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _linkOf = linkOf;
        _target = new(IPAddress.Loopback, targetPort);
        _listener.Bind(address);
        _listener.Listen(1024);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>A proxy on a free port, all of whose connections belong to one link.</summary>
    public LinkProxy(int targetPort, ProxiedLink link)
        : this(new(IPAddress.Loopback, FreePort.Take()), targetPort, _ => link)
    {
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        Task[] running;
        lock (_lock)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var opener = await _listener.AcceptAsync(_stop.Token);
                var carrying = CarryAsync(opener);
                lock (_lock)
                {
                    _running.RemoveWhere(task => task.IsCompletedSuccessfully);
                    _running.Add(carrying);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket opener)
    {
        opener.NoDelay = true;
        if (opener.RemoteEndPoint is not IPEndPoint remote)
        {
            opener.Dispose();
            return;
        }

        // To find out whose a connection is takes a walk through /proc, which must not keep the pool's threads from the other connections.
        var link = await Task.Factory.StartNew(() => _linkOf(remote), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var connection = new ProxiedConnection(link, opener);
        if (!link.TryJoin(connection))
        {
            Sockets.Reset(opener);
            return;
        }

        try
        {
            await using var stopped = _stop.Token.Register(connection.Reset);
            await connection.RunAsync(_target);
        }
        finally
        {
            link.Leave(connection);
        }
    }
}
