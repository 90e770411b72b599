namespace Admission.Capacity;

/// <summary>A request that waits in a pool. The owner derives from it to be told of the decision.</summary>
public abstract class WaitingRequest
{
    /// <summary>The ticket's number in this pool; 0 until it waits.</summary>
    public long Ticket { get; internal set; }

    /// <summary>What was asked.</summary>
    public AdmissionRequest Request { get; internal set; }

    /// <summary>By what name the decision can be asked for, once it is there: of every refusal, and of every wait of <see cref="BackendPolicy.ExplainWaitsOver"/> or more; else none.</summary>
    public TicketId Name { get; internal set; }

    /// <summary>By what name it can be asked for while it waits; none before.</summary>
    public TicketId Waiting => Pool?.IdOf(this) ?? default;

    /// <summary>Where the ticket stood when the ledger queued it; default until then.</summary>
    public TicketPosition Position { get; internal set; }

    internal PermitPool? Pool { get; set; }

    /// <summary>When it began to wait, on the clock that measures.</summary>
    internal long Since { get; set; }

    internal long Deadline { get; set; }

    /// <summary>How old the pool was when it came, in seconds.</summary>
    internal uint Arrived { get; set; }

    /// <summary>The first report that carried the ticket to the present ledger and life; 0 for none yet.</summary>
    internal long ReportedIn { get; set; }

    internal LinkedListNode<WaitingRequest>? Node { get; set; }

    /// <summary>The queue of its pool that it waits in.</summary>
    internal PriorityFifo<WaitingRequest>? Queue { get; set; }

    /// <summary>Takes the decision, once. Called by the owner, outside the pool's lock.</summary>
    /// <param name="result">Admitted or refused.</param>
    public abstract void Decided(in PoolResult result);
}
