namespace Admission.Capacity.Tests;

/// <summary>A ledger that is sent reports written by hand.</summary>
internal sealed class DirectLedger
{
    private readonly ManualTime _time = new();
    private readonly CapacityLedger _ledger;
    private readonly Dictionary<string, long> _sequences = [];
    private long _lastTicket;

    public DirectLedger(BackendPolicy policy)
        : this(new LedgerState { Epoch = 1, Policy = policy, PolicyVersion = 1 })
    {
    }

    public DirectLedger(LedgerState state, LedgerOptions? options = null) => _ledger = new CapacityLedger(state, _time.GetTimestamp(), _time, options);

    public LedgerMessage LastReply { get; private set; } = null!;

    public HolderReport LastReport { get; private set; } = null!;

    public int Booked => _ledger.Describe().Destinations.Sum(destination => destination.Booked);

    public BackendDescription Describe() => _ledger.Describe();

    public LedgerStatus Status => _ledger.Describe().Status;

    /// <summary>Sends a report; answers what is booked in all.</summary>
    public int Report(int held, int inUse = 0, long applied = 0, int tickets = 0, int demand = 0, WorkTotals work = default, string holder = "a", ClientTotals? clients = null)
    {
        var report = new HolderReport
        {
            Holder = holder,
            Incarnation = 1,
            Epoch = _ledger.Epoch,
            Sequence = _sequences[holder] = _sequences.GetValueOrDefault(holder) + 1,
            AppliedDecision = applied,
            Held = held == 0 ? [] : [new HeldPermits("", held, inUse)],
            Tickets = [.. Enumerable.Range(0, tickets).Select(_ => new TicketRequest(++_lastTicket, 1, Priorities.Normal, null, TimeSpan.FromMinutes(1)))],
            Demand = demand,
            Work = work,
            Clients = clients,
        };
        return Deliver(report);
    }

    public int Deliver(HolderReport report)
    {
        LastReport = report;
        LastReply = _ledger.Receive(report);
        if (LastReply.Status == LedgerStatus.Registering)
        {
            Store();
            LastReply = _ledger.Receive(report);
        }

        return Booked;
    }

    public void Pass(TimeSpan time)
    {
        for (var step = TimeSpan.FromMilliseconds(50); time > TimeSpan.Zero; time -= step)
        {
            _time.Advance(time < step ? time : step);
            _ledger.Tick();
            if (_ledger.StoreNeeded)
            {
                Store();
            }
        }
    }

    private void Store() => _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);
}
