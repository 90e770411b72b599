namespace Admission.Simulation;

/// <summary>A lease and the program that takes it: it renews, stands still, dies, comes late, and gives back.</summary>
internal sealed class SimLease(string key, TimeSpan ttl, SimRequest request, ProcessClock clock) : PendingLease(key, ttl, request.Asked.Tenant, request.Asked.Priority)
{
    public ProcessClock Clock { get; } = clock;

    public int Index { get; init; }

    public required int Holder { get; init; }

    public required int Destination { get; init; }

    public int Weight { get; } = request.Asked.Weight;

    /// <summary>The only activation that its gateway knows, as long as that lives; null for one that looks around.</summary>
    public int? Route { get; init; }

    /// <summary>When its gateway had the permits: when it was asked for, and what it waited for them; on the program's clock.</summary>
    public required long PermitsAt { get; init; }

    /// <summary>For how long it may be used, when its gateway had the ledger's word.</summary>
    public TimeSpan Left { get; set; }

    /// <summary>The highest number that anybody had been told when it was handed over.</summary>
    public required long ToldBefore { get; init; }

    public FencingToken Fencing { get; set; }

    /// <summary>It was answered 201.</summary>
    public bool IsTold { get; set; }

    /// <summary>The program still does something with it.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>It works with the permits: what they stand for is inside the backend.</summary>
    public bool IsInside { get; set; }

    /// <summary>It gives the lease back, until that is answered.</summary>
    public bool IsReleasing { get; set; }

    /// <summary>A ledger has taken it back from its holder; another may not know yet.</summary>
    public bool IsReleased { get; set; }

    /// <summary>Until when the program may use it, on its own clock.</summary>
    public long ValidUntil { get; set; }

    /// <summary>When it has done what it wants to do, in true time.</summary>
    public required long DoneAt { get; init; }

    public LeaseName Name => new(Key, Fencing.Epoch);

    /// <inheritdoc/>
    public override void Decided(in LeaseOutcome outcome) =>
        throw new NotSupportedException("The simulated holder takes leases from the pool's effects.");
}

/// <summary>A program asks a ledger, through some gateway, to renew a lease or to take it back.</summary>
internal sealed record LeaseCall(SimLease Lease, bool Releases, long SentAt)
{
    public LeaseDescription? Answer { get; set; }
}
