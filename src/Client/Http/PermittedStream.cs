using Admission.Capacity;

namespace Admission.Client.Http;

/// <summary>A response's body as it is read. Its end gives the permit back, and so does disposing it.</summary>
internal sealed class PermittedStream(Stream inner, PermittedRun run, RunOutcome outcome) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        run.LeaseLost.ThrowIfCancellationRequested();
        try
        {
            return Noted(inner.Read(buffer), buffer.Length);
        }
        catch (IOException)
        {
            run.End(RunOutcome.Broken);
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.LeaseLost);
            return Noted(await inner.ReadAsync(buffer, either.Token), buffer.Length);
        }
        catch (IOException)
        {
            run.End(RunOutcome.Broken);
            throw;
        }
    }

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            run.End(outcome);
        }

        base.Dispose(disposing);
    }

    // Nothing read into no space is not the end.
    private int Noted(int read, int space)
    {
        if (read == 0 && space > 0)
        {
            run.End(outcome);
        }

        return read;
    }
}
