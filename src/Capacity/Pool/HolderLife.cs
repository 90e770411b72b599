namespace Admission.Capacity;

/// <summary>One life of a holder: from a registration to the end of its lease. Permits belong to the life that was granted them.</summary>
public sealed class HolderLife
{
    // Never disposed: it has no timer, and tokens of permits in flight outlive the life.
    private readonly CancellationTokenSource _lost = new();

    internal HolderLife(long incarnation)
    {
        Incarnation = incarnation;
        Lost = _lost.Token;
    }

    /// <summary>The life's number; grows by one from life to life.</summary>
    public long Incarnation { get; }

    /// <summary>Cancelled when the life's lease has run out and the policy cancels what is in flight.</summary>
    public CancellationToken Lost { get; }

    internal PermitSlots Slots { get; } = new();

    /// <summary>Cancels <see cref="Lost"/>. The callbacks registered on it run on the thread pool.</summary>
    /// <returns>A task that ends when they have run.</returns>
    public Task CancelInFlightAsync() => _lost.CancelAsync();
}
