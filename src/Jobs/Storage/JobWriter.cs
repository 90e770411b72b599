using System.Threading.Channels;

namespace Admission.Jobs.Storage;

/// <summary>
/// Commits together what comes together: while one transaction is on its way to the disk, the next fills. So the number of commits is bounded by the disk and not by the jobs.
/// </summary>
/// <remarks>One loop; what a caller adds is answered after the commit of its transaction, and not before.</remarks>
internal sealed class JobWriter : IAsyncDisposable
{
    /// <summary>Changes in one transaction at most.</summary>
    public const int MostChanges = 500;

    /// <summary>Bytes in one transaction, unless a single change has more.</summary>
    public const long MostBytes = 8L << 20;

    private const int MostWaiting = 20_000;

    /// <summary>Bytes of jobs to store that may wait for their commit.</summary>
    private const long MostBytesWaiting = 64L << 20;

    private readonly Channel<JobChange> _changes = Channel.CreateBounded<JobChange>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Func<IReadOnlyList<JobChange>, Task> _commit;
    private readonly Task _loop;
    private JobChange? _next;
    private long _bytesWaiting;

    /// <summary>Starts the loop.</summary>
    /// <param name="commit">Commits changes and answers each of them; may throw, which answers those that are left.</param>
    public JobWriter(Func<IReadOnlyList<JobChange>, Task> commit)
    {
        _commit = commit;
        _loop = RunAsync();
    }

    /// <summary>Adds a change; its own task says when it is committed.</summary>
    /// <exception cref="IOException">The disk does not keep up, and jobs to store must not fill the memory. What a claim has come to is always taken.</exception>
    public async Task AddAsync(JobChange change, CancellationToken cancellation)
    {
        if (change is AcceptChange && Interlocked.Read(ref _bytesWaiting) > MostBytesWaiting)
        {
            throw new IOException("The store of jobs does not keep up with the requests that are to be stored.");
        }

        Interlocked.Add(ref _bytesWaiting, change.Size);
        try
        {
            await _changes.Writer.WriteAsync(change, cancellation);
        }
        catch
        {
            Interlocked.Add(ref _bytesWaiting, -change.Size);
            throw;
        }
    }

    /// <summary>Commits what is there, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<JobChange>();
        while (_next is not null || await _changes.Reader.WaitToReadAsync())
        {
            Fill(batch);
            try
            {
                await _commit(batch);
            }
            catch (Exception failed)
            {
                // Whatever it is, it belongs to those who wait; the loop must live on for the others.
                foreach (var change in batch)
                {
                    change.Fail(failed);
                }
            }

            Interlocked.Add(ref _bytesWaiting, -batch.Sum(change => change.Size));
            batch.Clear();
        }
    }

    private void Fill(List<JobChange> batch)
    {
        long bytes = 0;
        while (batch.Count < MostChanges && (_next is not null || _changes.Reader.TryRead(out _next)))
        {
            if (batch.Count > 0 && bytes + _next.Size > MostBytes)
            {
                return;
            }

            bytes += _next.Size;
            batch.Add(_next);
            _next = null;
        }
    }
}
