using System.Net;
using System.Net.Sockets;
using Admission.EndToEnd.Cluster.Network;

namespace Admission.EndToEnd.Cluster.Load;

/// <summary>A frontend as its clients see it, or a silo as Kubernetes does.</summary>
/// <param name="name">Its name.</param>
/// <param name="address">Where it is reached.</param>
/// <param name="clients">Where its clients are.</param>
/// <param name="own">Where it is itself: the admin API answers only who is there.</param>
internal sealed class ServerTarget(string name, IPEndPoint address, Place clients, Place own)
{
    private static readonly TimeSpan ProbeBound = TimeSpan.FromSeconds(1);

    private int _missed;

    public string Name => name;

    public IPEndPoint Address => address;

    /// <summary>Whether the load balancer sends requests to it.</summary>
    public bool IsReady { get; private set; } = true;

    /// <summary>Connects as a client.</summary>
    public Task<HttpConnection> ConnectAsync(CancellationToken cancellation) => HttpConnection.OpenAsync(address, cancellation: cancellation, newSocket: clients.NewSocket);

    /// <summary>Asks its admin API from its own machine.</summary>
    public Task<HttpAnswer> AskAsync(string target, TimeSpan bound) => AskAsync(new(IPAddress.Loopback, address.Port), own, target, bound);

    /// <summary>One request on a connection of its own.</summary>
    /// <exception cref="OperationCanceledException">There was no answer in time.</exception>
    /// <exception cref="SocketException">Nobody listens, or the connection was reset.</exception>
    /// <exception cref="IOException">The connection was closed.</exception>
    public Task<HttpAnswer> GetAsync(string target, TimeSpan bound, string headers = "") => AskAsync(address, clients, target, bound, headers);

    /// <summary>Asks it whether it is ready. As with Kubernetes, one that says no or does not listen is out at once, one that hangs after two tries.</summary>
    public async Task ProbeAsync()
    {
        try
        {
            IsReady = (await GetAsync("/health/ready", ProbeBound)).Status == 200;
            _missed = 0;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            IsReady = false;
        }
        catch (OperationCanceledException)
        {
            IsReady = IsReady && ++_missed < 2;
        }
    }

    private static async Task<HttpAnswer> AskAsync(IPEndPoint server, Place asker, string target, TimeSpan bound, string headers = "")
    {
        using var timeout = new CancellationTokenSource(bound);
        using var connection = await HttpConnection.OpenAsync(server, cancellation: timeout.Token, newSocket: asker.NewSocket);
        await connection.SendAsync("GET", target, headers + "Connection: close\r\n", cancellation: timeout.Token);
        return await connection.ReadAsync(timeout.Token);
    }
}
