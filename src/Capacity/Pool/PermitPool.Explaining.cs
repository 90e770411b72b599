namespace Admission.Capacity;

/// <content>The tickets that clients are told of, and what the pool remembers of the decisions that it makes by itself.</content>
public sealed partial class PermitPool
{
    private readonly ulong _tag;
    private readonly long _created;
    private readonly double _secondsPerTick;

    // Made with the first decision: most pools of many never make one.
    private LocalDecisions? _decisions;
    private long _noticeSince = MonotonicClock.Never;
    private long _noticeNumber;
    private long _saturatedSince = MonotonicClock.Never;

    /// <summary>
    /// Names a request that this pool has just refused at once, and remembers why, so that it can be explained. Apart from the refusal, so that who tells nobody the name pays nothing for it. A request that
    /// waited has its name already: <see cref="WaitingRequest.Name"/>.
    /// </summary>
    /// <param name="request">What was asked.</param>
    /// <param name="refusal">What the pool said.</param>
    /// <returns>The name; each call gives another.</returns>
    public TicketId Name(in AdmissionRequest request, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        ThrowIfMistaken(request);
        lock (_lock)
        {
            var now = _clock.Now;
            var ticket = new TicketId(_tag, ++_lastTicket, refusal.Reason, (uint)refusal.Notice, AgeAt(now));
            Note(ticket, request, refusal, now);
            return ticket;
        }
    }

    /// <summary>Explains a request of this pool, as far as the pool itself knows.</summary>
    /// <param name="ticket">The request.</param>
    /// <returns>Null if it is another holder's, or the ledger's to say.</returns>
    public TicketExplanation? Explain(in TicketId ticket)
    {
        lock (_lock)
        {
            if (ticket.Holder != _tag)
            {
                return null;
            }

            var now = _clock.Now;
            if (_decisions is not null && _decisions.Find(ticket) is > 0 and var number)
            {
                return new TicketExplanation { Source = ExplanationSource.Record, Record = Tell(number, now) with { Holder = _holder, ByHolder = true }, Holder = _holder };
            }

            if (_byTicket.TryGetValue(ticket.Number, out var waiter) && ticket.Reason == RefusalReason.None)
            {
                return new TicketExplanation { Source = ExplanationSource.Waiting, Waiting = Describe(waiter, now), Holder = _holder };
            }

            return ticket.Reason == RefusalReason.None ? null : new TicketExplanation
            {
                Source = ExplanationSource.Ticket, Holder = _holder, Age = TimeSpan.FromSeconds(Math.Max(0, AgeAt(now) - (long)ticket.Age)),
            };
        }
    }

    /// <summary>How old the pool is, in whole seconds: without a division, because every refusal asks.</summary>
    private uint AgeAt(long now) => (uint)((now - _created) * _secondsPerTick);

    internal TicketId IdOf(WaitingRequest waiter, RefusalReason reason = RefusalReason.None) => new(_tag, waiter.Ticket, reason, notice: 0, waiter.Arrived);

    /// <summary>Refuses a request that waited here, without the ledger, and remembers why.</summary>
    private PoolResult RefusedHere(WaitingRequest waiter, Refusal refusal, long now)
    {
        waiter.NameDecision(refusal.Reason);
        ref var entry = ref Note(waiter.Name, waiter.Request, refusal, now);
        entry.Waited = _measuringTime.GetElapsedTime(waiter.Since);
        entry.Position = waiter.Position;
        return Refused(refusal);
    }

    /// <summary>A request that waited is admitted: names it if the wait was long. What the ledger has recorded is not recorded twice.</summary>
    private void NoteWait(WaitingRequest waiter, bool isRecorded, long now)
    {
        var waited = _measuringTime.GetElapsedTime(waiter.Since);
        if (!isRecorded)
        {
            if (waited < _policy.ExplainWaitsOver)
            {
                return;
            }

            ref var entry = ref Note(IdOf(waiter), waiter.Request, refusal: null, now);
            entry.Waited = waited;
            entry.Position = waiter.Position;
            entry.Occupancy = _occupancy;
        }

        waiter.NameDecision(RefusalReason.None);
    }

    private ref LocalDecision Note(in TicketId ticket, in AdmissionRequest request, Refusal? refusal, long now)
    {
        ref var entry = ref (_decisions ??= new LocalDecisions()).Next();
        entry.Ticket = ticket;
        entry.Request = request;
        entry.Refusal = refusal;
        entry.At = now;
        entry.Waited = TimeSpan.Zero;
        entry.NoticeSince = refusal?.Notice == _noticeNumber ? _noticeSince : MonotonicClock.Never;
        entry.SaturatedSince = _saturatedSince;
        entry.DetachedSince = _detached ? _lastAnswer : MonotonicClock.Never;
        entry.Waiting = WaiterCount;
        entry.Position = default;
        (entry.ExpectedWait, entry.LongestWait) = (null, null);
        if (refusal?.Reason is RefusalReason.TooLate or RefusalReason.DeadlineUnreachable && LateBecause(request, now, out var wait, out var longest) == refusal.Reason)
        {
            (entry.ExpectedWait, entry.LongestWait, entry.NoticeSince) = (wait, longest, _lateSince);
        }

        return ref entry;
    }

    /// <summary>Takes note of the notice that the newest message carries, and since when it says that nothing is free.</summary>
    private void NoteNotice(LedgerMessage message, long now)
    {
        if (message.Notice == 0)
        {
            _noticeSince = MonotonicClock.Never;
        }
        else if (message.Notice != _noticeNumber || _noticeSince == MonotonicClock.Never)
        {
            _noticeSince = now - _clock.Ticks(message.NoticeFor);
        }

        _noticeNumber = message.Notice;
        _saturatedSince = message.NoPermitFor is { } time ? now - _clock.Ticks(time) : MonotonicClock.Never;
    }

    /// <summary>The newest decisions that the ledger has not acknowledged: a bounded sample, which goes along and never causes a message.</summary>
    private DecisionRecord[]? DecisionsFor(long report, long now)
    {
        if (_decisions is null)
        {
            return null;
        }

        var (first, end) = _decisions.ForReport(report);
        if (first >= end)
        {
            return null;
        }

        var told = new DecisionRecord[end - first];
        for (var i = 0; i < told.Length; i++)
        {
            told[i] = Tell(first + i, now);
        }

        return told;
    }

    private DecisionRecord Tell(long number, long now)
    {
        ref readonly var entry = ref _decisions!.At(number);
        var left = WaitOf(entry.Request) - entry.Waited;
        return new DecisionRecord
        {
            Number = number,
            Ticket = entry.Ticket.ToString(),
            Age = _clock.Between(entry.At, now),
            Outcome = entry.Refusal is null ? DecisionOutcome.Waited : DecisionOutcome.Refused,
            Reason = entry.Refusal?.Reason ?? RefusalReason.None,
            Tenant = entry.Request.Tenant,
            Priority = entry.Request.Priority,
            Weight = entry.Request.Weight,
            Waited = entry.Waited,
            Grounds = new DecisionGrounds
            {
                Occupancy = entry.Refusal?.Occupancy ?? entry.Occupancy,
                TenantCap = _tenants.CapOf(entry.Request.Tenant),
                ExpectedWait = entry.ExpectedWait ?? (entry.Position.ExpectedWait > TimeSpan.Zero ? entry.Position.ExpectedWait : null),
                LongestWait = entry.LongestWait,
                TimeLeft = left < TimeSpan.Zero ? TimeSpan.Zero : left,
                SaturatedFor = Age(entry.SaturatedSince, entry.At),
                Notice = entry.Refusal?.Notice ?? 0,
                NoticeFor = entry.Refusal is { Notice: > 0 } || entry.ExpectedWait is not null ? Age(entry.NoticeSince, entry.At) : null,
                DetachedFor = Age(entry.DetachedSince, entry.At),
                WaitingAtHolder = entry.Waiting,
            },
        };
    }

    private WaitingTicket Describe(WaitingRequest waiter, long now) => new()
    {
        Ticket = IdOf(waiter).ToString(),
        Holder = _holder,
        Tenant = waiter.Request.Tenant,
        Priority = waiter.Request.Priority,
        Weight = waiter.Request.Weight,
        Waited = _measuringTime.GetElapsedTime(waiter.Since),
        WaitsFor = _status == LedgerStatus.Recovering ? WaitsFor.Recovery : WaitsFor.Ledger,
        Grounds = new DecisionGrounds
        {
            Occupancy = _occupancy,
            TimeLeft = _clock.Until(waiter.Deadline),
            SaturatedFor = Age(_saturatedSince, now),
            DetachedFor = _detached ? Age(_lastAnswer, now) : null,
            WaitingAtHolder = WaiterCount,
        },
    };

    private TimeSpan? Age(long since, long at) => since == MonotonicClock.Never ? null : _clock.Between(Math.Min(since, at), at);
}
