using System.Net;
using System.Net.Sockets;
using System.Text;
using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Proxy;

namespace Admission.EndToEnd.Cluster;

/// <summary>The tests' own network faults do what they are called after.</summary>
[Collection(Measured.Name)]
public sealed class LinkProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly ProxiedLink _link = new("client", "server");
    private LinkProxy _proxy = null!;
    private Socket _client = null!;
    private Socket _served = null!;

    public async Task InitializeAsync()
    {
        _server.Start();
        _proxy = new(((IPEndPoint)_server.LocalEndpoint).Port, _link);
        _client = await ConnectAsync();
        _served = await _server.AcceptSocketAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _served.Dispose();
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Passes_both_ways_and_the_end_too()
    {
        await _client.SendAsync("ask"u8.ToArray());
        (await ReadAsync(_served)).ShouldBe("ask");
        await _served.SendAsync("answer"u8.ToArray());
        (await ReadAsync(_client)).ShouldBe("answer");
        _client.Shutdown(SocketShutdown.Send);
        (await ReadAsync(_served)).ShouldBe("");
        await _served.SendAsync("late"u8.ToArray());
        _served.Dispose();
        (await ReadAsync(_client)).ShouldBe("late");
        (await ReadAsync(_client)).ShouldBe("");
    }

    [Fact]
    public async Task Passes_much_in_its_order_with_delay_and_jitter()
    {
        _link.Delay(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        var sent = Clock.Now;
        var text = string.Concat(Enumerable.Range(0, 200).Select(number => $"{number:D4} "));
        var sending = Task.Run(async () =>
        {
            foreach (var piece in text.Chunk(5))
            {
                await _client.SendAsync(Encoding.ASCII.GetBytes(piece));
            }
        });
        var received = "";
        while (received.Length < text.Length)
        {
            received += await ReadAsync(_served);
            Clock.Since(sent).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(49));
        }

        await sending;
        received.ShouldBe(text);
    }

    [Fact]
    public async Task A_cut_resets_what_is_there_and_what_comes_until_it_is_healed()
    {
        _link.Cut();
        await ShouldBeResetAsync(_client);
        await ShouldBeResetAsync(_served);
        await ShouldRefuseAsync(_proxy.Port);
        _link.Heal();
        using var again = await ConnectAsync();
        using var served = await AcceptAsync();
        await again.SendAsync("hello"u8.ToArray());
        (await ReadAsync(served)).ShouldBe("hello");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_black_hole_delivers_nothing_and_then_all_or_a_reset(bool deliver)
    {
        _link.BlackHole(Ways.Both);
        await _client.SendAsync("held"u8.ToArray());
        await _served.SendAsync("held too"u8.ToArray());
        (await ReadAsync(_served, Moment)).ShouldBeNull();
        (await ReadAsync(_client, Moment)).ShouldBeNull();
        using var late = await ConnectAsync();
        _link.Heal(deliver);
        if (deliver)
        {
            (await ReadAsync(_served)).ShouldBe("held");
            (await ReadAsync(_client)).ShouldBe("held too");
            using var served = await AcceptAsync();
        }
        else
        {
            await ShouldBeResetAsync(_client);
            await ShouldBeResetAsync(_served);
        }
    }

    [Fact]
    public async Task A_black_hole_of_one_way_lets_the_other_pass()
    {
        _link.BlackHole(Ways.Back);
        await _client.SendAsync("there"u8.ToArray());
        (await ReadAsync(_served)).ShouldBe("there");
        await _served.SendAsync("back"u8.ToArray());
        (await ReadAsync(_client, Moment)).ShouldBeNull();
        _link.Heal();
        (await ReadAsync(_client)).ShouldBe("back");
    }

    [Fact]
    public async Task In_a_black_hole_the_death_of_the_other_side_is_not_seen()
    {
        _link.BlackHole(Ways.Back);
        Sockets.Reset(_served);
        (await ReadAsync(_client, Moment)).ShouldBeNull();
        _link.Heal();
        await ShouldBeResetAsync(_client);
    }

    [Fact]
    public async Task A_black_hole_holds_a_bounded_amount()
    {
        _link.BlackHole(Ways.There);
        using var stop = new CancellationTokenSource();
        var sent = 0L;
        var sending = Task.Run(async () =>
        {
            while (true)
            {
                Interlocked.Add(ref sent, await _client.SendAsync(new byte[100_000], stop.Token));
            }
        });
        var (before, still) = (-1L, 0);
        await Until.TrueAsync(
            async () =>
            {
                await Task.Delay(50);
                (still, before) = (Interlocked.Read(ref sent) == before ? still + 1 : 0, Interlocked.Read(ref sent));
                return still >= 5;
            },
            Bound,
            () => "It takes without end.");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(sending);
        sent.ShouldBeLessThan(32_000_000);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_reset()
    {
        await using var nowhere = new LinkProxy(FreePort.Take(), new ProxiedLink("client", "nobody"));
        await ShouldRefuseAsync(nowhere.Port);
    }

    [Fact]
    public async Task The_opener_of_a_connection_is_known_by_its_process()
    {
        await using var other = ChildProcess.Start("bash", ["-c", $"exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)_server.LocalEndpoint).Port}; read -r -u 3"]);
        using var served = await AcceptAsync();
        int[] processes = [Environment.ProcessId, other.Id];
        SocketOwners.Find((IPEndPoint)served.RemoteEndPoint!, processes).ShouldBe(other.Id);
        SocketOwners.Find((IPEndPoint)_client.LocalEndPoint!, processes).ShouldBe(Environment.ProcessId);
        SocketOwners.Find((IPEndPoint)_client.LocalEndPoint!, [other.Id]).ShouldBeNull();
    }

    private static async Task ShouldBeResetAsync(Socket socket) =>
        (await Should.ThrowAsync<SocketException>(ReadAsync(socket))).SocketErrorCode.ShouldBe(SocketError.ConnectionReset);

    // By a reset at once, or soon.
    private static async Task ShouldRefuseAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refused = await Should.ThrowAsync<SocketException>(async () =>
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await ReadAsync(socket);
        });
        refused.SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
    }

    private static async Task<string> ReadAsync(Socket socket) => await ReadAsync(socket, Bound) ?? throw new TimeoutException("Nothing comes.");

    private static async Task<string?> ReadAsync(Socket socket, TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound);
        var buffer = new byte[10_000];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, timeout.Token));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<Socket> AcceptAsync()
    {
        using var timeout = new CancellationTokenSource(Bound);
        return await _server.AcceptSocketAsync(timeout.Token);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return socket;
    }
}
