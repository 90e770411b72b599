using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Admission.Kubernetes.Tests;

/// <summary>A DNS server for one process: whatever the name, it has the addresses of IPv4 that the test says, and none of IPv6, as a headless Service has. It needs port 53, and so root.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int HeaderLength = 12;
    private const ushort AddressOfIpv4 = 1;
    private const ushort Answer = 0x8180;
    private const ushort ServerFailure = 2;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private volatile string[]? _addresses = [];
    private int _failures;

    public NameServer()
    {
        // An address of this process's own, so that another server of the machine's, or another test, is in nobody's way.
        Address = new IPAddress([127, 53, (byte)(Environment.ProcessId >> 8), (byte)Environment.ProcessId]);
        _socket.Bind(new IPEndPoint(Address, 53));
        _serving = ServeAsync();
    }

    public IPAddress Address { get; }

    /// <summary>How often it has said that it cannot answer.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>From now on these; null for SERVFAIL to who asks for IPv4, while it goes on saying that there is nothing of IPv6.</summary>
    public void Say(params string[]? addresses) => _addresses = addresses;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var question = new byte[512];
        try
        {
            while (true)
            {
                var from = await _socket.ReceiveFromAsync(question, new IPEndPoint(IPAddress.Any, 0), _end.Token);
                await _socket.SendToAsync(Reply(question.AsSpan(0, from.ReceivedBytes)), from.RemoteEndPoint, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private byte[] Reply(ReadOnlySpan<byte> question)
    {
        var end = HeaderLength;
        while (question[end] != 0)
        {
            end += question[end] + 1;
        }

        end += 5;
        var asksForIpv4 = BinaryPrimitives.ReadUInt16BigEndian(question[(end - 4)..]) == AddressOfIpv4;
        var addresses = asksForIpv4 ? _addresses : [];
        if (addresses is null)
        {
            Interlocked.Increment(ref _failures);
        }

        var reply = new List<byte>(question[..end].ToArray());
        foreach (var address in addresses ?? [])
        {
            // The name of the question, type, class, five seconds, and four bytes.
            reply.AddRange([0xC0, HeaderLength, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()]);
        }

        var bytes = reply.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(Answer | (addresses is null ? ServerFailure : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)(addresses?.Length ?? 0));
        bytes.AsSpan(8, 4).Clear();
        return bytes;
    }
}
