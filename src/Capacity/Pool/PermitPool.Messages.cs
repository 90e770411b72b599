using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Admission.Capacity;

/// <content>What the ledger says, in an answer or by a push, and what it means here.</content>
public sealed partial class PermitPool
{
    /// <summary>A pushed decision is acknowledged after so long at the latest, sooner if there is something else to say. Half of what the ledger waits for.</summary>
    private static readonly TimeSpan AcknowledgeWithin = TimeSpan.FromMilliseconds(100);

    /// <summary>Applies a message that the ledger pushed.</summary>
    /// <param name="pushed">The message; one for another epoch or life, or applied before, does nothing.</param>
    /// <returns>What the owner has to do.</returns>
    public PoolEffects Receive(LedgerMessage pushed)
    {
        ArgumentNullException.ThrowIfNull(pushed);
        lock (_lock)
        {
            Settle();
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
        ApplyLeases(message.Leases ?? [], now);
        ServeWaiters(now, ref changes);
        RefuseByNotice(now, ref changes);
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
            _unacknowledged.RemoveAll(waiter => !waiter.IsQueued || IsAcknowledged(waiter.ReportedIn));
            _withdrawn.RemoveAll(ticket => IsAcknowledged(ticket.ReportedIn));
            AcknowledgeOutcomes();
            _decisions?.Acknowledge(_acknowledgedReport);
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
    private PoolResult RefusedUnlessIdle(WaitingRequest waiter, Refusal refusal, long now)
    {
        if (refusal.Reason.IsWantOfCapacity() && TryAdmit(waiter.Request, now, out var admitted, waiter))
        {
            NoteWait(waiter, isRecorded: false, now);
            return admitted;
        }

        NoteRefused(waiter);
        waiter.NameDecision(refusal.Reason);
        return Refused(refusal);
    }

    private void ApplyGrant(in Decision grant, WaitingRequest? waiter, long now, ref Changes changes)
    {
        if (grant.Trial != 0)
        {
            ApplyTrial(grant, waiter, now, ref changes);
            return;
        }

        var destination = _permits.Find(grant.Destination);
        if (waiter is null || waiter.Deadline <= now)
        {
            _permits.AddIdle(destination, grant.Permits);
            DropWithheld(destination);
            return;
        }

        Remove(waiter);
        _permits.AddInUse(destination, grant.Permits);
        changes.Decide(waiter, AdmittedByGrant(destination, grant, now, waiter));
    }

    private PoolResult AdmittedByGrant(PoolDestination destination, in Decision grant, long now, WaitingRequest waiter)
    {
        NoteWait(waiter, grant.IsExplained, now);
        var admitted = Admitted(destination, grant.Permits, waiter.Request.Tenant, now, waiter);
        if (IsCapped(waiter.Request))
        {
            _capped.Take(admitted.Permit.Slot, waiter.Request.Tenant!, grant.Permits);
        }

        return admitted;
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
        NoteRecall(message);
        _contended = message.Contended;
        _reportIdle = message.ReportIdle;
        _occupancy = message.Occupancy;
        _adjusted = message.Adjusted;
        _reportWithin = message.ReportWithin;
        SetDetached(message.Status == LedgerStatus.Recovering, now);
        _saturatedUntil = message.SaturatedFor > TimeSpan.Zero ? now + _clock.Ticks(message.SaturatedFor) : MonotonicClock.Never;
        NoteNotice(message, now);
        _saturated = message.SaturatedFor > TimeSpan.Zero ? Because(message.NoDestination ? RefusalReason.NoDestination : FullReason) with { Notice = message.Notice } : null;
        _saturationScope = message.SaturationScope;
        _noticeInForce = null;
        _saturatedTenant = _saturated is null || _saturationScope.TenantReason == RefusalReason.None ? _saturated : _saturated with { Reason = _saturationScope.TenantReason };
        ApplyLate(message, now);
        foreach (var destination in _permits.Destinations)
        {
            destination.Recalled = Array.IndexOf(message.Recalled, destination.Name) >= 0;
        }

        ApplyHealth(message);
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
        SetDetached(true, now);
        ServeWaiters(now, ref changes);
    }

    private void SetDetached(bool detached, long now)
    {
        CountDetached(now);
        _detachedAt = detached && !_detached ? now : _detachedAt;
        _detached = detached;
        if (!detached && _permits.Parked > 0)
        {
            UnparkAll();
        }
    }

    /// <summary>Forgets what a ledger said, and tells the next one everything.</summary>
    private void ForgetLedger()
    {
        _acknowledgedReport = _appliedDecision = _messageSequence = 0;
        _saturatedUntil = _lateUntil = MonotonicClock.Never;
        _noticeInForce = null;
        _acknowledgeBy = MonotonicClock.Forever;
        _decisions?.ForgetLedger();
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

        foreach (var destination in _permits.Destinations)
        {
            destination.Outcomes?.ForgetLedger();
        }

        _hasNews |= _unacknowledged.Count > 0 || _leaving;
    }
}
