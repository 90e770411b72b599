namespace Admission.Capacity;

/// <content>What the ledger remembers of its decisions, and what it says of one ticket. Bounded, never stored: a successor begins anew.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Tickets that wait which a page of decisions names.</summary>
    private const int MostNamed = 20;

    private readonly DecisionLog _log = new();
    private readonly NoticeBook _notices;
    private readonly long _since;
    private long _saturatedSince = MonotonicClock.Never;

    /// <summary>Says what is known of a request: its decision, where it waits and for what, or what its ticket tells. O(holders + priorities).</summary>
    /// <param name="ticket">The request.</param>
    public TicketExplanation Explain(in TicketId ticket)
    {
        var now = _clock.Now;
        if (_log.Find(ticket, at => _clock.Between(at, now)) is { } record)
        {
            return new TicketExplanation { Source = ExplanationSource.Record, Record = record, Notice = _notices.Find((uint)record.Grounds.Notice, now), Holder = record.Holder };
        }

        var account = AccountOf(ticket);
        if (account is not null && ticket.Reason == RefusalReason.None && account.Tickets.TryGetValue(ticket.Number, out var waiting))
        {
            return new TicketExplanation { Source = ExplanationSource.Waiting, Waiting = DescribeTicket(waiting, now), Holder = account.Life.Holder };
        }

        var notice = ticket.Reason == RefusalReason.None ? null : _notices.Find(ticket.Notice, now);
        return new TicketExplanation
        {
            Source = notice is not null ? ExplanationSource.Notice : account is not null && ticket.Reason != RefusalReason.None ? ExplanationSource.Ticket : ExplanationSource.Unknown,
            Notice = notice,
            Holder = account?.Life.Holder,
            Age = account?.PoolAge is { } age ? Longer(TimeSpan.Zero, age + _clock.Between(account.PoolAgeAt, now) - TimeSpan.FromSeconds(ticket.Age)) : null,
        };
    }

    /// <summary>Tells the last decisions.</summary>
    /// <param name="query">Which.</param>
    public DecisionPage Decisions(DecisionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var now = _clock.Now;
        return new DecisionPage
        {
            Decisions = _log.Read(query, at => _clock.Between(at, now)),
            Recorded = _log.Recorded,
            LeftOut = _log.LeftOut,
            Age = _clock.Between(_since, now),
            Waiting = query.Before is null ? [.. _queue.InOrder().Take(MostNamed).Select(ticket => IdOf(ticket).ToString())] : [],
        };
    }

    private static TicketId IdOf(QueuedTicket ticket, RefusalReason reason = RefusalReason.None) =>
        new(ticket.Account.Tag, ticket.Request.Id, reason, notice: 0, ticket.Request.Arrived);

    /// <summary>Whether nothing is free, as far as is known: every permit is in use or promised.</summary>
    private void NoteSaturation(long now)
    {
        var saturated = _destinations.Free + (long)_totalMayBeIdle <= 0 || _queue.Next is not null;
        _saturatedSince = !saturated ? MonotonicClock.Never : _saturatedSince == MonotonicClock.Never ? now : _saturatedSince;
    }

    private TimeSpan? SaturationAge(long now) => _saturatedSince == MonotonicClock.Never ? null : _clock.Between(_saturatedSince, now);

    /// <summary>Notes that a message will carry a saturation notice.</summary>
    private (long Number, TimeSpan For) NoteNotice(long now, TimeSpan saturatedFor) => saturatedFor == TimeSpan.Zero ? default : _notices.Tell(
        now, now + _clock.Ticks(saturatedFor), NoDestination ? RefusalReason.NoDestination : _destinations.IsPaused ? RefusalReason.Paused : _policy!.Waiting > 0 ? RefusalReason.QueueFull : RefusalReason.AtCapacity,
        SaturationAge(now) ?? TimeSpan.Zero, Occupancy);

    /// <summary>Records a refusal of a ticket that has left the queue.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="reason">Why.</param>
    /// <param name="ahead">What stood before it when it left.</param>
    /// <param name="occupancy">How full the backend is, as its client is told.</param>
    /// <param name="now">This instant.</param>
    private void NoteRefusal(QueuedTicket ticket, RefusalReason reason, in Ahead ahead, in Occupancy occupancy, long now) => Record(
        ticket, reason == RefusalReason.Displaced ? DecisionOutcome.Displaced : DecisionOutcome.Refused, reason,
        GroundsOf(ticket, ahead, occupancy, ticket.Tenant!.Tickets.Count, now), now);

    /// <summary>Records that a ticket is served after a long wait; what stood before it is what did when it came.</summary>
    private void NoteWait(QueuedTicket ticket, long now)
    {
        var waited = _clock.Between(ticket.Since, now);
        _series.CountWait(now, waited);
        if (waited >= _policy!.ExplainWaitsOver)
        {
            ticket.IsExplained = true;
            Record(ticket, DecisionOutcome.Waited, RefusalReason.None, GroundsOf(ticket, ticket.OnArrival, Occupancy, ticket.Tenant!.Tickets.Count - 1, now), now);
        }
    }

    private void Record(QueuedTicket ticket, DecisionOutcome outcome, RefusalReason reason, DecisionGrounds grounds, long now)
    {
        var id = IdOf(ticket, reason);
        _log.Add(now, id, new DecisionRecord
        {
            Ticket = id.ToString(),
            Outcome = outcome,
            Reason = reason,
            Holder = ticket.Account.Life.Holder,
            Tenant = ticket.Request.Tenant,
            Priority = ticket.Request.Priority,
            Weight = ticket.Request.Weight,
            Waited = _clock.Between(ticket.Since, now),
            Grounds = grounds,
        });
    }

    /// <summary>Takes over what a pool has decided by itself. Before its withdrawals are booked: what has waited here too long is still in the queue, and shows what stood before it.</summary>
    private void NoteDecisions(HolderAccount account, HolderReport report, long now)
    {
        (account.PoolAge, account.PoolAgeAt) = (report.PoolAge is { } age && age >= TimeSpan.Zero && age <= DecisionRecord.Oldest ? age : null, now);
        var taken = 0;
        foreach (var told in report.Decisions ?? [])
        {
            if (told is null || told.Number <= account.LastDecisionOfPool || !told.IsUsable || !TicketId.TryParse(told.Ticket, out var id))
            {
                continue;
            }

            taken++;
            account.LastDecisionOfPool = told.Number;
            var here = account.Tickets.TryGetValue(id.Number, out var queued) ? GroundsOf(queued, told.Outcome == DecisionOutcome.Waited ? queued.OnArrival : AheadOf(queued), told.Grounds.Occupancy, queued.Tenant!.Tickets.Count - 1, now) : null;
            _log.Add(now - _clock.Ticks(told.Age), id, told with
            {
                Holder = account.Life.Holder,
                ByHolder = true,
                Grounds = here is null ? told.Grounds : here with { TimeLeft = told.Grounds.TimeLeft, WaitingAtHolder = told.Grounds.WaitingAtHolder, DetachedFor = told.Grounds.DetachedFor },
            });
        }

        // What a former ledger was told is not left out.
        _log.LeftOut += account.DecisionsOfPool is { } before ? Math.Max(0, report.DecisionsMade - before - taken) : 0;
        account.DecisionsOfPool = report.DecisionsMade;
    }

    /// <summary>What stands before a ticket in the queue.</summary>
    private Ahead AheadOf(QueuedTicket ticket)
    {
        var (_, permits) = _queue.PlaceOf(ticket, ticket.Tenant!.Tickets.Count - ticket.Tenant.PlaceOf(ticket), out var higher, out var own);
        return new Ahead(higher, own, _drain.TimeFor(permits, _destinations.Limit));
    }

    private DecisionGrounds GroundsOf(QueuedTicket ticket, in Ahead ahead, in Occupancy occupancy, int othersOfTenant, long now)
    {
        var cap = _queue.Permits.Rules.CapOf(ticket.Request.Tenant);
        return new DecisionGrounds
        {
            Occupancy = occupancy,
            AheadHigher = ahead.Higher,
            AheadOwn = ahead.Own,
            ExpectedWait = ahead.Expected,
            TenantInUse = cap is null ? null : _queue.Permits.Of(ticket.Request.Tenant!),
            TenantCap = cap,
            TenantQueued = othersOfTenant,
            TimeLeft = _clock.Until(ticket.Deadline),
            LongestWait = LongestWaitOf(ticket.Request.Tenant),
            SaturatedFor = SaturationAge(now),
        };
    }

    private WaitingTicket DescribeTicket(QueuedTicket ticket, long now)
    {
        var grounds = GroundsOf(ticket, AheadOf(ticket), Occupancy, ticket.Tenant!.Tickets.Count - 1, now);
        var next = NextToServe(now);
        return new WaitingTicket
        {
            Ticket = IdOf(ticket).ToString(),
            Holder = ticket.Account.Life.Holder,
            Tenant = ticket.Request.Tenant,
            Priority = ticket.Request.Priority,
            Weight = ticket.Request.Weight,
            Waited = _clock.Between(ticket.Since, now),
            WaitsFor = WhatFor(ticket, next),
            Place = ReferenceEquals(next, ticket) ? 1 : grounds.AheadHigher + grounds.AheadOwn + 1,
            AheadOfTenant = ticket.Tenant!.PlaceOf(ticket) - 1,
            Grounds = grounds,
            Free = Math.Max(0, _destinations.Free),
            Next = next is null || ReferenceEquals(next, ticket) ? null : IdOf(next).ToString(),
            NextWeight = next?.Request.Weight ?? 0,
            NextPriority = next?.Request.Priority ?? 0,
        };
    }

    private WaitsFor WhatFor(QueuedTicket ticket, QueuedTicket? next) => true switch
    {
        _ when Recovering => WaitsFor.Recovery,
        _ when _destinations.IsPaused => WaitsFor.Resumption,
        _ when NoDestination => WaitsFor.Destination,
        _ when ticket.Tenant!.IsParked || !_queue.Permits.Allows(ticket.Tenant.Name, ticket.Request.Weight) => WaitsFor.TenantCap,
        _ when ReferenceEquals(next, ticket) => _totalMayBeIdle > 0 ? WaitsFor.IdlePermits : WaitsFor.Permits,
        _ when next is not null && next.Request.Priority > ticket.Request.Priority => WaitsFor.GuaranteedShare,
        _ when next is not null && next.Request.Weight > _destinations.Free && ticket.Request.Weight <= _destinations.Free => WaitsFor.HeavyTicket,
        _ => WaitsFor.Turn,
    };

    private HolderAccount? AccountOf(TicketId ticket)
    {
        foreach (var account in _accounts.Values)
        {
            if (account.Tag == ticket.Holder && !account.Superseded)
            {
                return account;
            }
        }

        return null;
    }
}
