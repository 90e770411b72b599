using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Admission.Capacity;

/// <content>The exchange with the ledger: reports out, messages in.</content>
public sealed partial class PermitPool
{
    /// <summary>Tickets and withdrawals that one report carries at most; the rest go with the next.</summary>
    internal const int MostPerReport = 1_000;

    /// <summary>A pushed decision is acknowledged after so long at the latest, sooner if there is something else to say. Half of what the ledger waits for.</summary>
    private static readonly TimeSpan AcknowledgeWithin = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A pool in which requests wait reports at least so often: a push may be lost, and so may the ledger that would have sent it.
    /// </summary>
    private static readonly TimeSpan WaitingHeartbeat = TimeSpan.FromMilliseconds(700);

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
    private bool _inFlight;
    private bool _hasNews;
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

            return IsQuiet ? MonotonicClock.Forever : _lastBegin + _clock.Ticks(_waiters.Count > 0 && WaitingHeartbeat < Heartbeat ? WaitingHeartbeat : Heartbeat);
        }
    }

    /// <summary>The pool has nothing, was not used for long, and stopped reporting.</summary>
    private bool IsQuiet =>
        _permits.Held == 0 && _waiters.Count == 0 && !_leaving && !_inFlight && _lastBegin != MonotonicClock.Never
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
            var now = _clock.Now;
            if (_inFlight || _hasLeft || (!_hasNews && now < ExchangeDue))
            {
                return null;
            }

            // An expired life reports no more. Tick tells the owner and begins the next one.
            if (_life.LeaseEnd != MonotonicClock.Never && now >= _life.LeaseEnd)
            {
                return null;
            }

            _inFlight = true;
            _hasNews = false;
            _acknowledgeBy = MonotonicClock.Forever;
            _lastBegin = now;
            _permits.GiveBack(IdleBeyondAllowance());
            GiveBackRecalled();
            var sequence = ++_reportSequence;
            _sent[sequence % _sent.Length] = (sequence, now);
            var concurrency = _permits.InUse + _waiters.Count;
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
                Work = new WorkTotals(_completed, _sampled, _sampledTime),
                Leaving = _leaving,
                SeenMessage = _messageSequence,
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

    /// <summary>Applies a message that the ledger pushed.</summary>
    /// <param name="pushed">The message; one for another epoch or life, or applied before, does nothing.</param>
    /// <returns>What the owner has to do.</returns>
    public PoolEffects Receive(LedgerMessage pushed)
    {
        ArgumentNullException.ThrowIfNull(pushed);
        lock (_lock)
        {
            return pushed.Sequence == 0 ? HearFarewell(pushed) : Apply(pushed);
        }
    }

    /// <summary>A ledger that leaves says so, so that its holders ask its successor without waiting for a heartbeat.</summary>
    private PoolEffects HearFarewell(LedgerMessage farewell)
    {
        var changes = new Changes();
        CheckLease(_clock.Now, ref changes);
        _hasNews |= farewell.Holder == _holder && farewell.Incarnation == _life.Incarnation && farewell.Epoch == _epoch && !IsQuiet;
        return Effects(changes);
    }

    private PoolEffects Apply(LedgerMessage message)
    {
        var now = _clock.Now;
        var changes = new Changes();
        CheckLease(now, ref changes);
        if (message.Holder != _holder || message.Incarnation != _life.Incarnation || message.Epoch < _epoch || _hasLeft)
        {
            return Effects(changes);
        }

        if (message.Epoch > _epoch)
        {
            // Adopt, and no more: only a report made under the new epoch counts, and only its answer may grant or renew.
            ForgetLedger();
            _epoch = message.Epoch;
            _hasNews = true;
            return Effects(changes);
        }

        if (message.Status == LedgerStatus.LifeOver)
        {
            BeginLife(ref changes);
            return Effects(changes);
        }

        if (message.Sequence == 0)
        {
            ApplyStatus(message.Status, now, ref changes);
            return Effects(changes);
        }

        Acknowledge(message, now);
        if (now >= _life.LeaseEnd)
        {
            // So late that the lease it gives has run out on the way. What it grants may be somebody else's by now.
            _hasNews = true;
            return Effects(changes);
        }

        if (message.Sequence > _messageSequence)
        {
            _messageSequence = message.Sequence;
            ApplyState(message, now);
        }

        // After the state, so that a refused ticket takes no idle permit that earlier tickets are waiting for.
        ApplyDecisions(message.Decisions, now, ref changes);
        ServeWaiters(now, ref changes);
        _hasNews |= IdleToGiveBack();
        return Effects(changes);
    }

    private void Acknowledge(LedgerMessage message, long now)
    {
        if (message.AcknowledgedReport == 0)
        {
            return;
        }

        var (sequence, at) = _sent[message.AcknowledgedReport % _sent.Length];
        var leaseEnd = at + _clock.Ticks(LeaseTimes.AtHolder(message.LeaseTtl));
        if (sequence == message.AcknowledgedReport && leaseEnd > now)
        {
            _life.LeaseEnd = Math.Max(_life.LeaseEnd, leaseEnd);
        }

        if (message.AcknowledgedReport > _acknowledgedReport)
        {
            _acknowledgedReport = message.AcknowledgedReport;
            _lastAnswer = now;
            _unacknowledged.RemoveAll(waiter => waiter.Node is null || IsAcknowledged(waiter.ReportedIn));
            _withdrawn.RemoveAll(ticket => IsAcknowledged(ticket.ReportedIn));
            _hasLeft = _leaving && _permits.Held == 0 && now < _life.LeaseEnd && _leftIn != 0 && _acknowledgedReport >= _leftIn;
        }
    }

    private bool IsAcknowledged(long reportedIn) => reportedIn != 0 && reportedIn <= _acknowledgedReport;

    private void ApplyDecisions(Decision[] decisions, long now, ref Changes changes)
    {
        foreach (ref readonly var decision in decisions.AsSpan())
        {
            if (decision.Sequence <= _appliedDecision)
            {
                continue;
            }

            _acknowledgeBy = Math.Min(_acknowledgeBy, now + _clock.Ticks(AcknowledgeWithin));
            Debug.Assert(decision.Sequence == _appliedDecision + 1, "A message carries every decision that was not acknowledged.");
            _appliedDecision = decision.Sequence;
            _byTicket.TryGetValue(decision.Ticket, out var waiter);
            if (decision.Kind == DecisionKind.Grant)
            {
                ApplyGrant(decision, waiter, now, ref changes);
            }
            else if (waiter is not null)
            {
                Remove(waiter);
                changes.Decide(waiter, RefusedUnlessIdle(waiter, decision.Refusal!, now));
            }
        }
    }

    /// <summary>A permit that has become idle here since the report does not stand unused beside a refusal.</summary>
    private PoolResult RefusedUnlessIdle(WaitingRequest waiter, Refusal refusal, long now) =>
        refusal.Reason is RefusalReason.AtCapacity or RefusalReason.QueueFull && TryAdmit(waiter.Request.Weight, now, out var admitted)
            ? admitted
            : Refused(refusal);

    private void ApplyGrant(in Decision grant, WaitingRequest? waiter, long now, ref Changes changes)
    {
        var destination = _permits.Find(grant.Destination);
        if (waiter is null || waiter.Deadline <= now)
        {
            _permits.AddIdle(destination, grant.Permits);
            return;
        }

        Remove(waiter);
        _permits.AddInUse(destination, grant.Permits);
        changes.Decide(waiter, Admitted(destination, grant.Permits, now));
    }

    /// <summary>Applies the answer of a ledger that has not booked the report, and so has no account of this life to speak of.</summary>
    private void ApplyStatus(LedgerStatus status, long now, ref Changes changes)
    {
        _status = status;
        _hasNews = true;
        Detach(now, ref changes);
        if (status == LedgerStatus.TooManyHolders)
        {
            RefuseAll(RefusalReason.TooManyHolders, ref changes);
        }
    }

    private void ApplyState(LedgerMessage message, long now)
    {
        _status = message.Status;
        _allowance = message.Allowance;

        // The ledger counts on what is reported once it knows that it has been heard.
        _hasNews |= (message.Contended || message.ReportIdle) && !_contended && !_reportIdle;
        _contended = message.Contended;
        _reportIdle = message.ReportIdle;
        _occupancy = message.Occupancy;
        _detached = message.Status == LedgerStatus.Recovering;
        _saturatedUntil = message.SaturatedFor > TimeSpan.Zero ? now + _clock.Ticks(message.SaturatedFor) : MonotonicClock.Never;
        _saturated = message.SaturatedFor > TimeSpan.Zero ? Because(FullReason) : null;
        foreach (var destination in _permits.Destinations)
        {
            destination.Recalled = Array.IndexOf(message.Recalled, destination.Name) >= 0;
        }

        foreach (var position in message.Positions)
        {
            if (_byTicket.TryGetValue(position.Ticket, out var waiter))
            {
                waiter.Position = position;
            }
        }
    }

    private void Detach(long now, ref Changes changes)
    {
        _detached = true;
        if (_policy.Overflow == Overflow.Refuse && now >= _life.LeaseEnd)
        {
            RefuseAll(RefusalReason.LedgerUnreachable, ref changes);
        }

        ServeWaiters(now, ref changes);
    }

    /// <summary>Forgets what a ledger said, and tells the next one everything.</summary>
    private void ForgetLedger()
    {
        _acknowledgedReport = _appliedDecision = _messageSequence = 0;
        _saturatedUntil = MonotonicClock.Never;
        _acknowledgeBy = MonotonicClock.Forever;
        Array.Clear(_sent);
        for (var i = 0; i < _withdrawn.Count; i++)
        {
            CollectionsMarshal.AsSpan(_withdrawn)[i].ReportedIn = 0;
        }

        _unacknowledged.Clear();
        _unacknowledged.AddRange(_byTicket.Values);
        _unacknowledged.Sort((one, other) => one.Ticket.CompareTo(other.Ticket));
        foreach (var waiter in _unacknowledged)
        {
            waiter.ReportedIn = 0;
        }

        _hasNews |= _unacknowledged.Count > 0 || _leaving;
    }

    private int IdleBeyondAllowance()
    {
        if (_leaving)
        {
            return _permits.Idle;
        }

        // A detached pool keeps what it has: its report may be lost, and what was given back with it.
        if (_detached)
        {
            return 0;
        }

        return _contended ? _permits.Idle : Math.Min(_permits.Idle, Math.Max(0, _permits.Held - _allowance));
    }

    private bool IdleToGiveBack()
    {
        if (IdleBeyondAllowance() > 0)
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
            _leftIn = _leaving && _leftIn == 0 ? _reportSequence : _leftIn;
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
        _unacknowledged.RemoveAll(waiter => waiter.Node is null);
        var count = Math.Min(_unacknowledged.Count, MostPerReport);
        _hasNews |= count < _unacknowledged.Count;
        var tickets = new TicketRequest[count];
        for (var i = 0; i < count; i++)
        {
            var waiter = _unacknowledged[i];
            waiter.ReportedIn = waiter.ReportedIn == 0 ? report : waiter.ReportedIn;
            var left = _time.GetElapsedTime(now, Math.Max(now, waiter.Deadline));
            tickets[i] = new TicketRequest(waiter.Ticket, waiter.Request.Weight, waiter.Request.Priority, waiter.Request.Tenant, left);
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
