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

    /// <summary>Its neighbours in <see cref="TicketTenant.Tickets"/>, whose business they are.</summary>
    public QueuedTicket? Before { get; set; }

    /// <inheritdoc cref="Before"/>
    public QueuedTicket? After { get; set; }

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
internal readonly record struct Ahead
{
    private readonly int _higher;
    private readonly int _own;
    private readonly long _expected;

    // Each by one more than it is, so that 0 is nothing: every ticket has one.
    public Ahead(int? higher, int? own, TimeSpan? expected) => (_higher, _own, _expected) = (higher + 1 ?? 0, own + 1 ?? 0, expected?.Ticks + 1 ?? 0);

    /// <summary>Tickets of higher priorities; null if they were not counted.</summary>
    public int? Higher => _higher == 0 ? null : _higher - 1;

    /// <summary>Tickets of its own priority, at most.</summary>
    public int? Own => _own == 0 ? null : _own - 1;

    /// <summary>The wait that the measured drain rate lets expect; null while nothing has been measured.</summary>
    public TimeSpan? Expected => _expected == 0 ? null : TimeSpan.FromTicks(_expected - 1);
}
