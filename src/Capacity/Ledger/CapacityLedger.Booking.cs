using System.Diagnostics;

namespace Admission.Capacity;

/// <content>How a report gets on the books: what its life holds, and which tickets it brings.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Puts a newer report on the books: state, not difference.</summary>
    private void Book(HolderAccount account, HolderReport report, long now)
    {
        Unbook(account);
        account.ReportSequence = report.Sequence;
        while (account.TryAcknowledge(report.AppliedDecision, out _))
        {
            // Applied, so what it granted is in what the report holds, or was released since.
        }

        account.Reported = [.. report.Held.Select(held => (_destinations.Find(held.Destination), held.Held, held.InUse))];
        account.ReportedTenants = report.Tenants ?? [];
        account.Leaving = report.Leaving;
        account.SeenMessage = report.SeenMessage;
        Rebook(account);
        TakeHandOvers(account, report, now);
        _totalDemand += report.Demand - account.Demand;
        account.Demand = report.Demand;
        Measure(account, report.Work);
        NoteTotals(account, report, now);
        LearnPatience(account, report);
        FindLimit(account, report);
        if (report.Shadow is { } shadow)
        {
            (_shadow ??= new ShadowBook(_clock)).Note(report.Holder, shadow, _policyVersion);
        }

        Renew(account, now);
        NoteOutcomes(account, report, now);
        NoteDecisions(account, report, now);
        TakeTickets(account, report, now);
        if (report is { Leaving: true } && account is { Booked: 0, Tickets.Count: 0, HandOvers.Length: 0 })
        {
            account.LeaseEnd = now;
            _nextLeaseEnd = Math.Min(_nextLeaseEnd, now);
        }
    }

    /// <summary>Takes everything booked for a life off the books.</summary>
    private void Unbook(HolderAccount account)
    {
        foreach (var (destination, held, _) in account.Reported)
        {
            _destinations.Book(destination, -held);
        }

        foreach (var decision in account.Unacknowledged)
        {
            if (decision.Kind == DecisionKind.Grant)
            {
                _destinations.Book(_destinations.Find(decision.Destination), -decision.Permits);
            }
        }

        UnbookTenants(account);
        _totalIdle -= account.Idle;
        account.Booked = account.Idle = account.ReportedInUse = 0;
        Expect(account, 0);
    }

    private void Rebook(HolderAccount account)
    {
        foreach (var (destination, held, inUse) in account.Reported)
        {
            _destinations.Book(destination, held);
            account.Booked += held;
            account.Idle += held - inUse;
            account.ReportedInUse += inUse;
        }

        foreach (var decision in account.Unacknowledged)
        {
            if (decision.Kind == DecisionKind.Grant)
            {
                _destinations.Book(_destinations.Find(decision.Destination), decision.Permits);
                account.Booked += decision.Permits;
                account.Idle += decision.Ticket == 0 ? decision.Permits : 0;
            }
        }

        BookTenants(account);
        _totalIdle += account.Idle;
        Expect(account, account.Idle);
    }

    /// <summary>Notes how many permits of a life may be idle.</summary>
    private void Expect(HolderAccount account, int idle)
    {
        _totalMayBeIdle += idle - account.MayBeIdle;
        account.MayBeIdle = idle;
    }

    private void Measure(HolderAccount account, in WorkTotals work)
    {
        _drain.Add(work.Sampled - account.Work.Sampled, work.SampledTime - account.Work.SampledTime);
        account.Work = work;
    }

    private void Renew(HolderAccount account, long now)
    {
        account.LeaseTtl = _policy!.LeaseTtl;
        account.LeaseEnd = Math.Max(account.LeaseEnd, now + _clock.Ticks(LeaseTimes.AtLedger(account.LeaseTtl)));
        _nextLeaseEnd = Math.Min(_nextLeaseEnd, account.LeaseEnd);
    }

    private void TakeTickets(HolderAccount account, HolderReport report, long now)
    {
        _arrived.Clear();
        var handed = account.IsHanded;
        if (handed)
        {
            account.IsHanded = false;
            DropDecidedBefore(account, report.Tickets);
        }

        foreach (var ticket in report.Tickets)
        {
            if (ticket.Id <= account.LastTicket)
            {
                continue;
            }

            account.LastTicket = ticket.Id;
            if (!account.Tickets.ContainsKey(ticket.Id) && !(handed && account.HasDecisionFor(ticket.Id)))
            {
                _arrived.Add(Enqueue(account, ticket, now));
            }
        }

        foreach (var id in report.Withdrawn)
        {
            if (account.Tickets.TryGetValue(id, out var withdrawn))
            {
                Dequeue(withdrawn);
            }
        }
    }

    /// <summary>
    /// A life's first report to a ledger has all its tickets, the lowest first. Handed ones that it lacks had been decided before.
    /// </summary>
    private void DropDecidedBefore(HolderAccount account, TicketRequest[] reported)
    {
        var waiting = new HashSet<long>();
        foreach (var ticket in reported)
        {
            waiting.Add(ticket.Id);
        }

        var highest = reported.Length < PermitPool.MostPerReport ? long.MaxValue : reported[^1].Id;
        foreach (var ticket in account.Tickets.Values.ToArray())
        {
            if (ticket.Request.Id <= highest && !waiting.Contains(ticket.Request.Id))
            {
                Dequeue(ticket);
            }
        }
    }

    private QueuedTicket Enqueue(HolderAccount account, in TicketRequest request, long now)
    {
        var ticket = new QueuedTicket(account, request, now + _clock.Ticks(request.TimeLeft), ++_arrivals) { Since = now - _clock.Ticks(request.Waited) };
        _queue.Add(ticket);
        account.Tickets.Add(request.Id, ticket);
        Debug.Assert(request.Weight >= 1, "Every ticket needs a permit.");
        return ticket;
    }

    private void Dequeue(QueuedTicket ticket)
    {
        _queue.Remove(ticket);
        ticket.Account.Tickets.Remove(ticket.Request.Id);
    }
}
