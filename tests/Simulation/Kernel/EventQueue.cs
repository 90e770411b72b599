namespace Admission.Simulation;

/// <summary>What happens next in virtual time: a binary heap of values, ordered by time and then by the order of scheduling.</summary>
internal sealed class EventQueue
{
    private Event[] _heap = new Event[256];
    private long _order;

    public int Count { get; private set; }

    public void Add(long at, EventKind kind, int target, long number = 0, object? item = null)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, Count * 2);
        }

        var added = new Event(at, ++_order, kind, target, number, item);
        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) >> 1;
            if (!added.Precedes(_heap[parent]))
            {
                break;
            }

            _heap[hole] = _heap[parent];
            hole = parent;
        }

        _heap[hole] = added;
    }

    public Event Take()
    {
        var first = _heap[0];
        var last = _heap[--Count];
        _heap[Count] = default;
        var hole = 0;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _heap[child + 1].Precedes(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].Precedes(last))
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        if (Count > 0)
        {
            _heap[hole] = last;
        }

        return first;
    }
}

/// <summary>One event: what happens when to whom.</summary>
internal readonly struct Event(long at, long order, EventKind kind, int target, long number, object? item)
{
    public readonly long At = at;
    public readonly long Order = order;
    public readonly EventKind Kind = kind;
    public readonly int Target = target;
    public readonly long Number = number;
    public readonly object? Item = item;

    public bool Precedes(in Event other) => At < other.At || (At == other.At && Order < other.Order);
}

/// <summary>The kinds of events. Target is a holder's or an activation's index.</summary>
internal enum EventKind
{
    None = 0,
    Arrival,
    ClientLeaves,
    ClientGone,
    ClientAbandons,
    WorkEnds,
    HolderTick,
    ExchangeBegins,
    ExchangeTimesOut,
    ReplyArrives,
    PushArrives,
    HolderStarts,
    HolderEnds,
    PolicyReachesHolder,
    RouteChanges,
    ReportArrives,
    LedgerTick,
    ActivationBegins,
    ActivationEnds,
    PolicyReachesLedger,
    StoreRequestArrives,
    StoreAnswers,
    StoreTimesOut,
    StorePumps,
    RenewalDue,
    ClaimDue,
    Fault,
    FaultEnds,
    DemandShifts,
    DestinationFails,
    DestinationReturns,
    Nudge,
    QuietBegins,
    QuietCheck,
    FullUseCheck,
}
