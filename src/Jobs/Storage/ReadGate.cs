namespace Admission.Jobs.Storage;

/// <summary>Bounds what clients look up at once, how many wait for that, how long they wait, and how long a look may take; so a flood of questions costs its own places and nothing else.</summary>
/// <param name="atOnce">So many look at once.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadGate(int atOnce, TimeProvider time)
{
    /// <summary>So many wait at most.</summary>
    public const int MostWaiting = 1000;

    /// <summary>The longest that one waits for its turn.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>The longest that a look takes.</summary>
    public static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(atOnce);
    private int _waiting;

    /// <summary>Looks when there is a place.</summary>
    /// <exception cref="JobStoreBusyException">There was none in time.</exception>
    /// <exception cref="TimeoutException">The store did not answer in time.</exception>
    public async Task<T> EnterAsync<T>(Func<CancellationToken, Task<T>> look, CancellationToken cancellation)
    {
        await TakePlaceAsync(cancellation);
        try
        {
            using var longest = new CancellationTokenSource(LongestLook, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellation);
            try
            {
                return await look(either.Token);
            }
            catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"The store has not answered within {LongestLook.TotalSeconds} s.", late);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    private async ValueTask TakePlaceAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_places.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > MostWaiting)
            {
                throw new JobStoreBusyException();
            }

            using var longest = new CancellationTokenSource(LongestWait, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellation);
            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new JobStoreBusyException(late);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}

/// <summary>More is asked about jobs than may be at once.</summary>
internal sealed class JobStoreBusyException(Exception? inner = null) : Exception("More is asked about jobs at present than is looked up at once.", inner);
