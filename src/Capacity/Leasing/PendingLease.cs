namespace Admission.Capacity;

/// <summary>A lease that waits for the ledger to store it. The owner of the pool derives from it to be told of the outcome.</summary>
/// <param name="key">The lease's name at the ledger; 1 to 64 characters, never used before.</param>
/// <param name="ttl">Its time-to-live; 1 s to 1 h.</param>
/// <param name="tenant">Whose it is, or null.</param>
/// <param name="priority">The priority that it was asked for with.</param>
public abstract class PendingLease(string key, TimeSpan ttl, string? tenant, int priority)
{
    /// <summary>The lease's name at the ledger.</summary>
    public string Key { get; } = key;

    /// <summary>Its time-to-live.</summary>
    public TimeSpan Ttl { get; } = ttl;

    /// <summary>Whose it is, or null.</summary>
    public string? Tenant { get; } = tenant;

    /// <summary>The priority that it was asked for with.</summary>
    public int Priority { get; } = priority;

    internal long Number { get; set; }

    internal PoolDestination Destination { get; set; } = null!;

    internal int Permits { get; set; }

    /// <summary>The slot of its permits, as long as they are the pool's.</summary>
    internal (int Slot, int Generation) Slot { get; set; }

    /// <summary>When the first report left that hands it over; <see cref="MonotonicClock.Never"/> before.</summary>
    internal long FirstSent { get; set; } = MonotonicClock.Never;

    /// <summary>Takes the outcome, once. Called by the owner, outside the pool's lock.</summary>
    /// <param name="outcome">The outcome.</param>
    public abstract void Decided(in LeaseOutcome outcome);
}

/// <summary>What has become of a <see cref="PendingLease"/>.</summary>
/// <param name="State">Held, or why not.</param>
/// <param name="Fencing">Its number, if it is held.</param>
/// <param name="Left">For how long it may be used from now on, unless it is renewed.</param>
public readonly record struct LeaseOutcome(LeaseState State, FencingToken Fencing, TimeSpan Left);

/// <summary>A lease with its outcome.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Outcome">Held or not.</param>
public readonly record struct DecidedLease(PendingLease Lease, LeaseOutcome Outcome);
