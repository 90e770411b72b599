using System.Net;
using System.Net.Sockets;
using Admission.Grains.Cluster;

namespace Admission.Grains.Tests.Cluster;

public class ReservedPortTests
{
    [Fact]
    public async Task Nobody_else_takes_it_and_who_connects_is_turned_away_at_once()
    {
        using var port = ReservedPort.Take(IPAddress.Loopback, 0);
        port.TurnAway();
        Should.Throw<SocketException>(() => ReservedPort.Take(IPAddress.Loopback, port.Port)).SocketErrorCode.ShouldBe(SocketError.AddressAlreadyInUse);
        for (var i = 0; i < 10; i++)
        {
            (await EndAsync(port.Endpoint)).ShouldBe(SocketError.ConnectionReset);
        }

        port.Dispose();
        using var next = ReservedPort.Take(IPAddress.Loopback, port.Port);
        next.Port.ShouldBe(port.Port);
    }

    [Fact]
    public async Task The_socket_that_is_given_away_has_lost_no_connection()
    {
        using var port = ReservedPort.Take(IPAddress.Loopback, 0);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(port.Endpoint);
        using var socket = port.Detach();
        port.Dispose();
        using var accepted = await socket.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(10));
        accepted.Connected.ShouldBeTrue();
    }

    /// <summary>How a connection ends on which the other side is waited for.</summary>
    private static async Task<SocketError> EndAsync(IPEndPoint to)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await client.ConnectAsync(to, bound.Token);
            return await client.ReceiveAsync(new byte[1], bound.Token) == 0 ? SocketError.Disconnecting : SocketError.Success;
        }
        catch (SocketException ended)
        {
            return ended.SocketErrorCode;
        }
    }
}
