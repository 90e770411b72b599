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
/// <remarks>Flat, and written in place: copying it just after it was written costs more than deciding what it says (docs/performance.md has the figures).</remarks>
public struct PoolResult
{
    private HolderLife? _life;
    private int _slot;
    private int _generation;
    private int _destination;

    /// <summary>An answer without a permit.</summary>
    /// <param name="answer">Refused or waiting.</param>
    /// <param name="refusal">The reason when refused.</param>
    public PoolResult(PoolAnswer answer, Refusal? refusal) => (Answer, Refusal) = (answer, refusal);

    /// <summary>Which of the three.</summary>
    public PoolAnswer Answer { get; private set; }

    /// <summary>The reason when refused.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>The permit when admitted.</summary>
    public readonly Permit Permit => new(_life!, _slot, _generation, _destination);

    /// <summary>The parts of the permit, for who keeps them: without a copy of the whole between.</summary>
    internal readonly HolderLife Life => _life!;

    internal readonly int SignedSlot => _slot;

    internal readonly int Generation => _generation;

    internal readonly int DestinationIndex => _destination;

    internal void Admit(HolderLife life, int slot, int generation, int destination, bool isWatched)
    {
        _life = life;
        _slot = isWatched ? ~slot : slot;
        _generation = generation;
        _destination = destination;
        Refusal = null;
        Answer = PoolAnswer.Admitted;
    }

    internal void Refuse(Refusal refusal)
    {
        _life = null;
        Refusal = refusal;
        Answer = PoolAnswer.Refused;
    }
}

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

    /// <summary>Leases were decided: take them with <see cref="PermitPool.TakeLeases"/>.</summary>
    public bool HasLeases { get; init; }

    /// <summary>The waiting request was given up and will not be decided any more. Only from <see cref="PermitPool.GiveUp"/>.</summary>
    public bool GaveUp { get; init; }
}

/// <summary>A waiting request with its answer.</summary>
/// <param name="Request">The request.</param>
/// <param name="Result">Admitted or refused.</param>
public readonly record struct DecidedRequest(WaitingRequest Request, PoolResult Result);
