namespace Admission.Capacity;

/// <summary>One life of a holder: from a registration to the end of its lease. Permits belong to the life that was granted them.</summary>
public sealed class HolderLife
{
    // Never disposed: it has no timer, and tokens of permits in flight outlive the life.
    private readonly CancellationTokenSource _lost = new();
    private readonly MonotonicClock _clock;
    private long _leaseEnd = MonotonicClock.Never;

    internal HolderLife(long incarnation, in MonotonicClock clock)
    {
        Incarnation = incarnation;
        _clock = clock;
        Lost = _lost.Token;
    }

    /// <summary>The life's number; grows by one from life to life.</summary>
    public long Incarnation { get; }

    /// <summary>
    /// Whether the lease is running at this instant, by the holder's clock and with its safety margin. Takes no lock and waits for no timer: it is
    /// what a process asks that may have been stopped for a while, before it acts on a permit.
    /// </summary>
    public bool HasLease => _clock.Now < LeaseEnd;

    /// <summary>Cancelled when the life's lease has run out and the policy cancels what is in flight.</summary>
    public CancellationToken Lost { get; }

    /// <summary>When the lease ends; <see cref="MonotonicClock.Never"/> before the first and after the last. Written under the pool's lock only.</summary>
    internal long LeaseEnd
    {
        get => Volatile.Read(ref _leaseEnd);
        set => Volatile.Write(ref _leaseEnd, value);
    }

    internal PoolPermits Permits { get; } = new();

    /// <summary>Cancels <see cref="Lost"/>. The callbacks registered on it run on the thread pool.</summary>
    /// <returns>A task that ends when they have run.</returns>
    public Task CancelInFlightAsync() => _lost.CancelAsync();
}
