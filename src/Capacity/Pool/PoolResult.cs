namespace Admission.Capacity;

/// <summary>What a pool says to a request at once.</summary>
public enum PoolAnswer
{
    /// <summary>Never returned.</summary>
    None = 0,

    /// <summary>Admitted: <see cref="PoolResult.Permit"/> is held until released.</summary>
    Admitted = 1,

    /// <summary>Refused: <see cref="PoolResult.Refusal"/> says why.</summary>
    Refused = 2,

    /// <summary>The request waits; its <see cref="WaitingRequest"/> is decided later.</summary>
    Waiting = 3,
}

/// <summary>The answer to a request.</summary>
/// <param name="Answer">Which of the three.</param>
/// <param name="Permit">The permit when admitted.</param>
/// <param name="Refusal">The reason when refused.</param>
public readonly record struct PoolResult(PoolAnswer Answer, Permit Permit, Refusal? Refusal);

/// <summary>
/// What the pool's owner has to do after a call: the pool itself does no I/O and calls nobody.
/// </summary>
public readonly struct PoolEffects
{
    /// <summary>There is something to tell the ledger: begin an exchange, unless one is in flight.</summary>
    public bool WantsExchange { get; init; }

    /// <summary>Waiting requests that were decided, in order; null for none. Call <see cref="WaitingRequest.Decided"/> on each, outside any lock.</summary>
    public List<DecidedRequest>? Decided { get; init; }

    /// <summary>A life whose lease has run out, or null. Call <see cref="HolderLife.CancelInFlightAsync"/>, if the policy says so.</summary>
    public HolderLife? LostLife { get; init; }

    /// <summary>The waiting request was given up and will not be decided any more. Only from <see cref="PermitPool.GiveUp"/>.</summary>
    public bool GaveUp { get; init; }
}

/// <summary>A waiting request with its answer.</summary>
/// <param name="Request">The request.</param>
/// <param name="Result">Admitted or refused.</param>
public readonly record struct DecidedRequest(WaitingRequest Request, PoolResult Result);
