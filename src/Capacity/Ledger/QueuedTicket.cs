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

    /// <summary>Its tenant in the queue.</summary>
    public TicketTenant? Tenant { get; set; }
}
