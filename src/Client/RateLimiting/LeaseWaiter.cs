using System.Threading.RateLimiting;

namespace Admission.Client.RateLimiting;

/// <summary>A caller who waits.</summary>
/// <param name="queue">Where it waits.</param>
/// <param name="permits">What it asks for; 0 for whether there is room.</param>
internal sealed class LeaseWaiter(LimiterQueue queue, int permits) : TaskCompletionSource<RateLimitLease>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _leaving;

    /// <summary>What it takes of the limiter's queue.</summary>
    public int Permits { get; } = permits;

    /// <summary>What its ticket is for: who asks whether there is room waits for one permit.</summary>
    public int Weight => Math.Max(1, Permits);

    /// <summary>The queue is full: it only hears what the ledger says, and counts for nothing.</summary>
    public bool IsAsking { get; set; }

    /// <summary>Its ticket, or the one it has taken over. Guarded by the queue's lock.</summary>
    public required LimiterTicket Ticket { get; set; }

    /// <summary>Its place; null once it waits no more. Guarded by the queue's lock.</summary>
    public LinkedListNode<LeaseWaiter>? Node { get; set; }

    /// <summary>Waits, and gives up when the caller says so.</summary>
    public ValueTask<RateLimitLease> WaitAsync(CancellationToken cancellation)
    {
        if (cancellation.CanBeCanceled)
        {
            _leaving = cancellation.UnsafeRegister(static (waiter, cancellation) => ((LeaseWaiter)waiter!).Leave(cancellation), this);

            // Who ends it meanwhile has found no registration. Either that one sees the registration, or this one sees the end.
            Interlocked.MemoryBarrier();
            if (Task.IsCompleted)
            {
                _leaving.Unregister();
            }
        }

        return new ValueTask<RateLimitLease>(Task);
    }

    /// <summary>Ends the wait. Only for who has taken it out of the queue, so it happens once.</summary>
    public void End(RateLimitLease lease)
    {
        SetResult(lease);
        _leaving.Unregister();
    }

    private void Leave(CancellationToken cancellation)
    {
        if (queue.Leave(this, out var ticket))
        {
            ticket.GiveUp();
            SetCanceled(cancellation);
        }
    }
}
