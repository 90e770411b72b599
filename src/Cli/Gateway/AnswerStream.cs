namespace Admission.Cli.Gateway;

/// <summary>The body of an answer as it comes. A gateway that breaks off, or says nothing for too long, ends the command.</summary>
/// <param name="body">The body.</param>
/// <param name="connection">The gateway, for what is said of it.</param>
/// <param name="patience">How long one read may take.</param>
/// <param name="time">Measures that.</param>
internal sealed class AnswerStream(Stream body, Connection connection, TimeSpan patience, TimeProvider time) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="CommandFailedException">The gateway breaks off, or says nothing for too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await body.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ApiFailures.Stalled(connection, patience);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw ApiFailures.Broken(connection, broken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
