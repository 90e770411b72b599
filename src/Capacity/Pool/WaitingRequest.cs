namespace Admission.Capacity;

/// <summary>A request that waits in a pool. The owner derives from it to be told of the decision.</summary>
/// <remarks>Thousands may wait, so what can be made from other fields has none of its own.</remarks>
public abstract class WaitingRequest
{
    private TimeSpan _expectedWait;
    private int _place;
    private RefusalReason _reason;
    private bool _isNamed;

    /// <summary>The ticket's number in this pool; 0 until it waits.</summary>
    public long Ticket { get; internal set; }

    /// <summary>What was asked.</summary>
    public AdmissionRequest Request { get; internal set; }

    /// <summary>By what name the decision can be asked for, once it is there: of every refusal, and of every wait of <see cref="BackendPolicy.ExplainWaitsOver"/> or more; else none.</summary>
    public TicketId Name => _isNamed ? Pool!.IdOf(this, _reason) : default;

    /// <summary>By what name it can be asked for while it waits; none before.</summary>
    public TicketId Waiting => Pool?.IdOf(this) ?? default;

    /// <summary>Where the ticket stood when the ledger queued it; default until then.</summary>
    public TicketPosition Position
    {
        get => _place == 0 ? default : new TicketPosition(Ticket, _place, _expectedWait);
        internal set => (_place, _expectedWait) = (value.Position, value.ExpectedWait);
    }

    internal PermitPool? Pool { get; set; }

    /// <summary>When it began to wait, on the clock that measures.</summary>
    internal long Since { get; set; }

    internal long Deadline { get; set; }

    /// <summary>How old the pool was when it came, in seconds.</summary>
    internal uint Arrived { get; set; }

    /// <summary>The first report that carried the ticket to the present ledger and life; 0 for none yet.</summary>
    internal long ReportedIn { get; set; }

    /// <summary>The queue of its pool that it waits in; null once it waits no longer.</summary>
    internal WaiterQueue? Queue { get; set; }

    /// <summary>Its neighbours of the same priority in <see cref="Queue"/>, whose business they are.</summary>
    internal WaitingRequest? Before { get; set; }

    /// <inheritdoc cref="Before"/>
    internal WaitingRequest? After { get; set; }

    internal bool IsQueued => Queue is not null;

    /// <summary>Takes the decision, once. Called by the owner, outside the pool's lock.</summary>
    /// <param name="result">Admitted or refused.</param>
    public abstract void Decided(in PoolResult result);

    /// <summary>Gives the decision its <see cref="Name"/>.</summary>
    /// <param name="reason">Why it was refused; None if it was admitted.</param>
    internal void NameDecision(RefusalReason reason) => (_reason, _isNamed) = (reason, true);
}
