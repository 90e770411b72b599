using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>
/// One way of a connection. What is read waits until its time has come and the way is open, then is written; the end of the connection waits in the same line.
/// </summary>
internal sealed class Pump(Socket from, Socket to, Gate gate, ProxiedLink link) : IDisposable
{
    private const int PieceSize = 16 * 1024;

    // At most a megabyte is held; then the sender has to wait, as with a real network that takes nothing.
    private readonly Channel<Piece> _pieces = Channel.CreateBounded<Piece>(64);
    private readonly CancellationTokenSource _writerGone = new();

    private enum Kind
    {
        Bytes,
        End,
        Reset,
    }

    /// <summary>Carries everything to the end of the connection.</summary>
    /// <exception cref="OperationCanceledException">The link was cut.</exception>
    public async Task RunAsync(CancellationToken cut)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cut, _writerGone.Token);
        var reading = ReadAsync(either.Token);
        await WriteAsync(cut);
        await _writerGone.CancelAsync();
        await reading;
        cut.ThrowIfCancellationRequested();
    }

    public void Dispose() => _writerGone.Dispose();

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var latest = 0L;
        try
        {
            while (true)
            {
                var piece = await NextAsync(cancellation);
                latest = Math.Max(latest, Stopwatch.GetTimestamp() + (long)(link.NextDelay().TotalSeconds * Stopwatch.Frequency));
                await _pieces.Writer.WriteAsync(piece with { Due = latest }, cancellation);
                if (piece.Kind != Kind.Bytes)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Cut, or there is nobody to write to.
        }
    }

    private async Task<Piece> NextAsync(CancellationToken cancellation)
    {
        try
        {
            var buffer = new byte[PieceSize];
            var count = await from.ReceiveAsync(buffer, cancellation);
            return count == 0 ? new(Kind.End) : new(Kind.Bytes, buffer.AsMemory(0, count));
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            return new(Kind.Reset);
        }
    }

    private async Task WriteAsync(CancellationToken cut)
    {
        try
        {
            while (true)
            {
                var piece = await _pieces.Reader.ReadAsync(cut);
                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), piece.Due);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, cut);
                }

                await gate.PassAsync(cut);
                switch (piece.Kind)
                {
                    case Kind.Bytes:
                        await SendAsync(piece.Bytes, cut);
                        break;
                    case Kind.End:
                        to.Shutdown(SocketShutdown.Send);
                        return;
                    default:
                        Sockets.Reset(to);
                        return;
                }
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // The other pump, which reads from this socket, tells the other side.
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cut)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, cut)..];
        }
    }

    private readonly record struct Piece(Kind Kind, ReadOnlyMemory<byte> Bytes = default, long Due = 0);
}
