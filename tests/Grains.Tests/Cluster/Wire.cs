using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Admission.Grains.Tests.Cluster;

/// <summary>A connection in memory, with what each side has sent.</summary>
internal sealed class Wire
{
    private readonly MemoryStream _opened = new();
    private readonly MemoryStream _answered = new();

    /// <param name="opener">The opener's address, as the acceptor sees it.</param>
    public Wire(string opener = "192.0.2.7")
    {
        var address = new IPEndPoint(IPAddress.Parse(opener), 4711);
        var (toAcceptor, fromOpener) = (new Pipe(), new Pipe());
        var (toOpener, fromAcceptor) = (new Pipe(), new Pipe());
        Opener = new Side(toOpener.Reader, fromOpener.Writer, address);
        Acceptor = new Side(toAcceptor.Reader, fromAcceptor.Writer, address);
        _ = CarryAsync(fromOpener.Reader, toAcceptor.Writer, _opened);
        _ = CarryAsync(fromAcceptor.Reader, toOpener.Writer, _answered);
    }

    public Side Opener { get; }

    public Side Acceptor { get; }

    /// <summary>What the opener has sent.</summary>
    public byte[] Sent => Copy(_opened);

    /// <summary>What the acceptor has sent.</summary>
    public byte[] Answered => Copy(_answered);

    private static byte[] Copy(MemoryStream stream)
    {
        lock (stream)
        {
            return stream.ToArray();
        }
    }

    private static async Task CarryAsync(PipeReader from, PipeWriter to, MemoryStream record)
    {
        while (true)
        {
            var read = await from.ReadAsync();
            lock (record)
            {
                record.Write(read.Buffer.ToArray());
            }

            await to.WriteAsync(read.Buffer.ToArray());
            from.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await to.CompleteAsync();
                return;
            }
        }
    }

    /// <summary>One side; it closes as an engine does, when its middleware has come back.</summary>
    internal sealed class Side(PipeReader input, PipeWriter output, IPEndPoint remote) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;

        public async Task RunAsync(ConnectionDelegate middleware)
        {
            await using var connection = new Connection(this) { RemoteEndPoint = remote };
            try
            {
                await middleware(connection);
            }
            finally
            {
                await output.CompleteAsync();
            }
        }

        public async Task SendAsync(byte[] bytes) => await output.WriteAsync(bytes);

        public async Task<byte[]> ReceiveAsync(int count)
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            var read = await input.ReadAtLeastAsync(count, bound.Token);
            var bytes = read.Buffer.ToArray();
            input.AdvanceTo(read.Buffer.End);
            return bytes;
        }
    }

    /// <summary>Closes when its middleware has come back; the base class would do it a little later, when it may be disposed of already.</summary>
    private sealed class Connection(IDuplexPipe transport) : DefaultConnectionContext("test", transport, transport)
    {
        public override void Abort(ConnectionAbortedException abortReason)
        {
        }
    }
}
