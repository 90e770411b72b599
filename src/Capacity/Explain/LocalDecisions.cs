namespace Admission.Capacity;

/// <summary>The last decisions of a pool's own: a ring of structs, so that recording one writes a hundred bytes and allocates nothing. Guarded by the pool's lock.</summary>
internal sealed class LocalDecisions
{
    /// <summary>Decisions that are kept.</summary>
    public const int Most = 64;

    private readonly LocalDecision[] _ring = new LocalDecision[Most];
    private long _acknowledged;
    private long _reportedIn;
    private long _reportedUpTo;

    /// <summary>Decisions made, those included that the ring has no more.</summary>
    public long Made { get; private set; }

    /// <summary>The place of the next decision, where the oldest was.</summary>
    public ref LocalDecision Next() => ref _ring[Made++ % Most];

    /// <summary>Finds the newest decision over a request; its number, or 0.</summary>
    public long Find(in TicketId ticket)
    {
        for (var number = Made; number > Math.Max(0, Made - Most); number--)
        {
            if (At(number).Ticket.Equals(ticket))
            {
                return number;
            }
        }

        return 0;
    }

    /// <summary>A decision that is kept.</summary>
    public ref readonly LocalDecision At(long number) => ref _ring[(number - 1) % Most];

    /// <summary>The decisions for a report: the newest of those that were not acknowledged.</summary>
    /// <param name="report">The report's number.</param>
    /// <returns>The numbers of the first, and of the one after the last.</returns>
    public (long First, long End) ForReport(long report)
    {
        if (_acknowledged < Made)
        {
            (_reportedIn, _reportedUpTo) = (report, Made);
        }

        return (Math.Max(_acknowledged, Made - HolderReport.MostDecisions) + 1, Made + 1);
    }

    /// <summary>The ledger has booked a report.</summary>
    public void Acknowledge(long report)
    {
        if (_reportedIn != 0 && _reportedIn <= report)
        {
            _acknowledged = _reportedUpTo;
        }
    }

    /// <summary>Another ledger counts its reports from the start.</summary>
    public void ForgetLedger() => _reportedIn = 0;
}

/// <summary>One of them.</summary>
internal struct LocalDecision
{
    public TicketId Ticket;

    public AdmissionRequest Request;

    /// <summary>Why it was refused; null for a wait.</summary>
    public Refusal? Refusal;

    /// <summary>When it was decided, on the clock of deadlines.</summary>
    public long At;

    /// <summary>How long it had waited.</summary>
    public TimeSpan Waited;

    /// <summary>For a wait: how full the backend was, as far as the pool knew. A refusal has its own.</summary>
    public Occupancy Occupancy;

    /// <summary>When the notice that refused it began; <see cref="MonotonicClock.Never"/> if none did, or another one stands already.</summary>
    public long NoticeSince;

    /// <summary>Since when no permit had been free; <see cref="MonotonicClock.Never"/> for not.</summary>
    public long SaturatedSince;

    /// <summary>Since when the ledger had not answered; <see cref="MonotonicClock.Never"/> for not.</summary>
    public long DetachedSince;

    public int Waiting;

    /// <summary>For a refusal by a notice that it would be too late: the wait that was to be expected, and the longest that was worth while.</summary>
    public TimeSpan? ExpectedWait;

    /// <inheritdoc cref="ExpectedWait"/>
    public TimeSpan? LongestWait;

    /// <summary>Where the ledger had put it; default for nowhere.</summary>
    public TicketPosition Position;
}
