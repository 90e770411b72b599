using System.Runtime.InteropServices;

namespace Admission.Capacity;

/// <content>The exchange with the ledger: what a report says, and when one is due.</content>
public sealed partial class PermitPool
{
    /// <summary>Tickets and withdrawals that one report carries at most; the rest go with the next.</summary>
    internal const int MostPerReport = 1_000;

    /// <summary>
    /// A pool that is awaited reports at least so often: a push may be lost, and so may the ledger that would have sent it.
    /// </summary>
    private static readonly TimeSpan WaitingHeartbeat = TimeSpan.FromMilliseconds(700);

    /// <summary>A ledger that asks for reports more often than that is not believed.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly List<WaitingRequest> _unacknowledged = [];
    private readonly List<(long Ticket, long ReportedIn)> _withdrawn = [];
    private readonly (long Sequence, long At)[] _sent = new (long, long)[16];

    private long _epoch;
    private long _reportSequence;
    private long _acknowledgedReport;
    private long _appliedDecision;
    private long _messageSequence;
    private long _lastBegin = MonotonicClock.Never;
    private long _acknowledgeBy = MonotonicClock.Forever;
    private TimeSpan? _reportWithin;
    private bool _inFlight;
    private bool _hasNews;

    /// <summary>Requests wait that no report has carried yet: apart from other news, because a notice may refuse them first.</summary>
    private bool _hasNewTickets;
    private bool _hasLeft;
    private long _leftIn;

    /// <summary>The pool was told to leave, and the ledger knows that it holds nothing.</summary>
    public bool HasLeft
    {
        get
        {
            lock (_lock)
            {
                return _hasLeft;
            }
        }
    }

    private bool HasNews => _hasNews || _hasNewTickets;

    private TimeSpan Heartbeat => LeaseTimes.Heartbeat(_policy.LeaseTtl);

    private long ExchangeDue => Math.Min(_acknowledgeBy, HeartbeatDue);

    private long HeartbeatDue
    {
        get
        {
            if (_hasLeft || _lastBegin == MonotonicClock.Never)
            {
                return MonotonicClock.Forever;
            }

            var pause = IsAwaited && WaitingHeartbeat < Heartbeat ? WaitingHeartbeat : Heartbeat;
            return IsQuiet ? MonotonicClock.Forever : _lastBegin + _clock.Ticks(_reportWithin is { } within && within < pause && within >= ShortestPause ? within : pause);
        }
    }

    /// <summary>
    /// Somebody may wait for what this pool hears or says: its own requests, or, where there is no queue, those elsewhere which the ledger lets wait for the permits that are idle here.
    /// These wait for <see cref="DecisionTimeout"/> at most, and a ledger that has just moved cannot push to a holder of which it has not heard.
    /// </summary>
    private bool IsAwaited => WaiterCount > 0 || _handOvers.Count > 0 || (_policy is { Overflow: Overflow.Refuse } && _permits.Idle > 0);

    /// <summary>The pool has nothing, was not used for long, and stopped reporting.</summary>
    private bool IsQuiet =>
        _permits.Held == 0 && WaiterCount == 0 && _handOvers.Count == 0 && !_leaving && !_inFlight && _lastBegin != MonotonicClock.Never
        && _clock.Now - _lastUse >= _clock.Ticks(QuietAfter);

    /// <summary>
    /// Begins an exchange if there is news or the lease wants renewing. Idle permits beyond the allowance leave the pool here, before
    /// the report that gives them back is sent.
    /// </summary>
    /// <returns>The report to send, or null: an exchange is in flight, or there is nothing to say.</returns>
    public HolderReport? BeginExchange()
    {
        lock (_lock)
        {
            Settle();
            var now = _clock.Now;
            if (_inFlight || _hasLeft || (!HasNews && now < ExchangeDue))
            {
                return null;
            }

            // An expired life reports no more. Tick tells the owner and begins the next one.
            if (_life.LeaseEnd != MonotonicClock.Never && now >= _life.LeaseEnd)
            {
                return null;
            }

            _inFlight = true;
            _hasNews = _hasNewTickets = false;
            _acknowledgeBy = MonotonicClock.Forever;
            _lastBegin = now;
            EndIdleTrials(now);
            var handOvers = HandOversFor(now);
            _permits.GiveBack(IdleBeyondAllowance());
            GiveBackRecalled();
            var sequence = ++_reportSequence;
            _sent[sequence % _sent.Length] = (sequence, now);
            var concurrency = _permits.InUse + WaiterCount;
            return new HolderReport
            {
                Holder = _holder,
                Incarnation = _life.Incarnation,
                Epoch = _epoch,
                Sequence = sequence,
                AppliedDecision = _appliedDecision,
                Held = HeldNow(),
                Tickets = TicketsFor(sequence, now),
                Withdrawn = WithdrawnFor(sequence),
                Demand = _leaving ? 0 : _demand.Measure(now, concurrency, _sampled == 0 ? 0 : _clock.Ticks(_sampledTime / _sampled)),
                Work = new WorkTotals(_permits.Completed, _sampled, _sampledTime),
                Totals = TotalsToReport(),
                Leaving = _leaving,
                SeenMessage = _messageSequence,
                Tenants = _capped.Report(),
                RunTimeouts = _runTimeouts,
                Clients = _clients?.News(sequence, _acknowledgedReport),
                TenantClients = _tenantClients?.News(sequence, _acknowledgedReport),
                Spread = _spread,
                Outcomes = OutcomesFor(sequence, now),
                Decisions = DecisionsFor(sequence, now),
                DecisionsMade = _decisions?.Made ?? 0,
                PoolAge = _clock.Between(_created, now),
                HandOvers = handOvers,
            };
        }
    }

    /// <summary>Ends the exchange in flight.</summary>
    /// <param name="reply">The ledger's reply, or null when there was none.</param>
    /// <returns>What the owner has to do.</returns>
    public PoolEffects EndExchange(LedgerMessage? reply)
    {
        lock (_lock)
        {
            Settle();
            _inFlight = false;

            // An answer of an epoch that is over is none.
            if (reply is not null && reply.Epoch >= _epoch)
            {
                return Apply(reply);
            }

            var changes = new Changes();
            var now = _clock.Now;
            CheckLease(now, ref changes);
            // Until it answers, so that a pool without a lease finds it as soon as it is back. The owner decides how fast.
            _hasNews |= !IsQuiet;
            Detach(now, ref changes);
            return Effects(changes);
        }
    }

    private int IdleBeyondAllowance()
    {
        var idle = _permits.Idle - _idleTrials;
        if (_leaving)
        {
            return idle;
        }

        // A detached pool keeps what it has: its report may be lost, and what was given back with it.
        if (_detached)
        {
            return 0;
        }

        return _contended ? idle : Math.Min(idle, Math.Max(0, _permits.Held - _allowance));
    }

    private bool IdleToGiveBack()
    {
        if (IdleBeyondAllowance() > 0 || (_idleTrials > 0 && (_contended || _leaving) && !_detached))
        {
            return true;
        }

        foreach (var destination in _permits.Destinations)
        {
            if (destination.Recalled && destination.Idle > 0 && !_detached)
            {
                return true;
            }
        }

        return false;
    }

    private void GiveBackRecalled()
    {
        foreach (var destination in _permits.Destinations)
        {
            if (destination.Recalled && destination.Idle > 0 && !_detached)
            {
                _permits.AddIdle(destination, -destination.Idle);
            }
        }
    }

    private HeldPermits[] HeldNow()
    {
        if (_permits.Held == 0)
        {
            _leftIn = _leaving && _leftIn == 0 && _handOvers.Count == 0 ? _reportSequence : _leftIn;
            return [];
        }

        var held = new List<HeldPermits>(_permits.Destinations.Count);
        foreach (var destination in _permits.Destinations)
        {
            if (destination.Held > 0)
            {
                held.Add(new HeldPermits(destination.Name, destination.Held, destination.InUse));
            }
        }

        return [.. held];
    }

    private TicketRequest[] TicketsFor(long report, long now)
    {
        _unacknowledged.RemoveAll(waiter => !waiter.IsQueued);
        var count = Math.Min(_unacknowledged.Count, MostPerReport);
        _hasNews |= count < _unacknowledged.Count;
        var tickets = new TicketRequest[count];
        for (var i = 0; i < count; i++)
        {
            var waiter = _unacknowledged[i];
            waiter.ReportedIn = waiter.ReportedIn == 0 ? report : waiter.ReportedIn;
            var left = _time.GetElapsedTime(now, Math.Max(now, waiter.Deadline));
            tickets[i] = new TicketRequest(waiter.Ticket, waiter.Request.Weight, waiter.Request.Priority, waiter.Request.Tenant, left) { Waited = _measuringTime.GetElapsedTime(waiter.Since), Arrived = waiter.Arrived, IsHeld = waiter.Request.IsHeld };
        }

        return tickets;
    }

    private long[] WithdrawnFor(long report)
    {
        var count = Math.Min(_withdrawn.Count, MostPerReport);
        _hasNews |= count < _withdrawn.Count;
        var withdrawn = new long[count];
        var entries = CollectionsMarshal.AsSpan(_withdrawn);
        for (var i = 0; i < count; i++)
        {
            entries[i].ReportedIn = entries[i].ReportedIn == 0 ? report : entries[i].ReportedIn;
            withdrawn[i] = entries[i].Ticket;
        }

        return withdrawn;
    }
}
