using System.Threading.Channels;

namespace Admission.Jobs.Storage;

/// <summary>
/// Commits together what comes together: while one transaction is on its way to the disk, the next fills. So the number of commits is bounded by the disk and not by the jobs.
/// </summary>
/// <remarks>
/// One loop; what a caller adds is answered after the commit of its transaction, and not before. What is said of claims goes first: it has a permit, or a result, in its hand, and whoever stores jobs may
/// be thousands.
/// </remarks>
internal sealed class JobWriter : IAsyncDisposable
{
    /// <summary>Changes in one transaction at most.</summary>
    public const int MostChanges = 500;

    /// <summary>Bytes in one transaction, unless a single change has more.</summary>
    public const long MostBytes = 8L << 20;

    private const int MostWaiting = 20_000;

    /// <summary>Bytes of jobs to store that may wait for their commit.</summary>
    private const long MostBytesWaiting = 64L << 20;

    private readonly Channel<JobChange> _claims = Create();
    private readonly Channel<JobChange> _accepts = Create();

    // Something was added since the loop has looked last.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Func<IReadOnlyList<JobChange>, Task> _commit;
    private readonly Task _loop;
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
            await (change is ClaimChange ? _claims : _accepts).Writer.WriteAsync(change, cancellation);
            _news.Writer.TryWrite(true);
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
        _claims.Writer.TryComplete();
        _accepts.Writer.TryComplete();
        _news.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var batch = new List<JobChange>();
        for (var goesOn = true; goesOn;)
        {
            // What was added before the end is there when the end is seen.
            goesOn = await _news.Reader.WaitToReadAsync();
            _news.Reader.TryRead(out _);
            for (Fill(batch); batch.Count > 0; Fill(batch))
            {
                await CommitAsync(batch);
            }
        }
    }

    private async Task CommitAsync(List<JobChange> batch)
    {
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

    private void Fill(List<JobChange> batch)
    {
        long bytes = 0;
        foreach (var changes in (ReadOnlySpan<Channel<JobChange>>)[_claims, _accepts])
        {
            while (batch.Count < MostChanges && changes.Reader.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Size <= MostBytes) && changes.Reader.TryRead(out next))
            {
                bytes += next.Size;
                batch.Add(next);
            }
        }
    }

    private static Channel<JobChange> Create() => Channel.CreateBounded<JobChange>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
}
