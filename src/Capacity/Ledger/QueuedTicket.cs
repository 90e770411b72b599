namespace Admission.Capacity;

/// <summary>A ticket in the ledger's queue.</summary>
internal sealed class QueuedTicket(HolderAccount account, in TicketRequest request, long deadline, long arrival)
{
    public HolderAccount Account { get; } = account;

    public TicketRequest Request { get; } = request;

    public long Deadline { get; } = deadline;

    /// <summary>When its client came, as far as its pool has told.</summary>
    public long Since { get; init; }

    /// <summary>Its number among all tickets of this ledger, in order of arrival.</summary>
    public long Arrival { get; } = arrival;

    public LinkedListNode<QueuedTicket>? Node { get; set; }

    /// <summary>How many tickets its tenant had brought to the queue before it.</summary>
    public long Ordinal { get; set; }

    /// <summary>What stood before it when it came; nothing if that was not counted.</summary>
    public Ahead OnArrival { get; set; }

    /// <summary>Its wait was so long that it is in the log.</summary>
    public bool IsExplained { get; set; }

    /// <summary>Its tenant in the queue.</summary>
    public TicketTenant? Tenant { get; set; }
}

/// <summary>What stands before a ticket.</summary>
/// <param name="Higher">Tickets of higher priorities; null if they were not counted.</param>
/// <param name="Own">Tickets of its own priority, at most.</param>
/// <param name="Expected">The wait that the measured drain rate lets expect; null while nothing has been measured.</param>
internal readonly record struct Ahead(int? Higher, int? Own, TimeSpan? Expected);
