namespace Admission.Frontend.Forwarding;

/// <summary>
/// A connection to a backend over HTTP/1: before bytes are written, the request that they belong to is asked whether it still may.
/// </summary>
/// <remarks>
/// This is the last place before the system call, so what a stopped process has missed is noticed here: a connection that took long, a thread that got no
/// processor. The request is found by its flow (<see cref="Run.Current"/>); HTTP/1 writes in it, and what is outside one (a tunnel to a proxy) is not asked.
/// </remarks>
internal sealed class FencedStream(Stream connection) : Stream
{
    public override bool CanRead => connection.CanRead;

    public override bool CanWrite => connection.CanWrite;

    public override bool CanSeek => false;

    public override bool CanTimeout => connection.CanTimeout;

    public override int ReadTimeout { get => connection.ReadTimeout; set => connection.ReadTimeout = value; }

    public override int WriteTimeout { get => connection.WriteTimeout; set => connection.WriteTimeout = value; }

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Run.Current?.BeforeWrite(this);
        return connection.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Run.Current?.BeforeWrite(this);
        connection.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => connection.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        connection.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(Span<byte> buffer) => connection.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => connection.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }

        base.Dispose(disposing);
    }
}
