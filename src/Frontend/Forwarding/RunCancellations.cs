using System.Collections.Concurrent;

namespace Admission.Frontend.Forwarding;

/// <summary>Cancellation sources with a time-out, used again and again.</summary>
internal sealed class RunCancellations(TimeProvider time)
{
    private const int MostKept = 1024;

    private readonly ConcurrentQueue<CancellationTokenSource> _free = new();
    private int _count;

    public CancellationTokenSource Rent(TimeSpan timeout)
    {
        if (!_free.TryDequeue(out var source))
        {
            return new CancellationTokenSource(timeout, time);
        }

        Interlocked.Decrement(ref _count);
        source.CancelAfter(timeout);
        return source;
    }

    public void Return(CancellationTokenSource source)
    {
        if (source.TryReset())
        {
            if (Interlocked.Increment(ref _count) <= MostKept)
            {
                _free.Enqueue(source);
                return;
            }

            Interlocked.Decrement(ref _count);
        }

        source.Dispose();
    }
}
