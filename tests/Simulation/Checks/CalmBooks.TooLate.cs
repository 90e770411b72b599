namespace Admission.Simulation;

/// <content>
/// As <i>Late</i>: who is refused because it would be served too late could not have been served in time, as far as its ledger knew at that step: by what was before it, the rate at which the backend drains, and how long its client stays.
/// </content>
internal sealed partial class CalmBooks
{
    private readonly List<(int Holder, Ticket Ticket)> _tooLate = [];

    private void CheckTooLate(CapacityLedger ledger, BackendPolicy policy)
    {
        if (_tooLate.Count == 0)
        {
            return;
        }

        var books = ledger.Describe();
        var each = books.Occupancy.RetryAfter / (_queuedWeight + 1.0);
        foreach (var (index, ticket) in _tooLate)
        {
            var holder = _world.Holders[index];
            if (_world.Scenario.CapOf(ticket.Tenant) is not null || FindWaiting(holder, ticket.Id) is not { } request)
            {
                // Its client has left meanwhile.
                continue;
            }

            // What was granted and refused in this call may have been before it.
            var (ahead, _) = _order.Before(ticket.Priority, false);
            var shares = policy.Order?.Levels.Where(level => level.Priority > ticket.Priority).Sum(level => level.Share) ?? 0;
            var permits = ((ahead + _granted.Count + _dropped + _refused.Count) * (double)_world.Scenario.HeaviestRequest * 100 / (100 - Math.Min(99, shares))) + 2;
            var waited = TimeSpan.FromTicks(_world.Now - request.ArrivedAt);
            var served = waited + (each * permits);
            var most = request.Asked.MaxWait is { } own && own < policy.MaxWait ? own : policy.MaxWait;
            var longest = ticket.Reason == RefusalReason.TooLate ? Longest(books, new LateNotice(ticket.Priority, ticket.Tenant, false, TimeSpan.Zero, null)) : most;
            if (served < longest * 0.98)
            {
                throw _world.Broken("Late", $"ticket {ticket.Id} of {holder.Id} was refused with {ticket.Reason} after {waited.TotalMilliseconds:F1} ms; {ahead} tickets are before it, so it would have been served after {served.TotalMilliseconds:F1} ms, and {longest.TotalMilliseconds:F1} ms are the most.");
            }
        }

        _tooLate.Clear();
    }

    /// <summary>A client has been refused.</summary>
    public void Refused(Holder holder, SimRequest request, Refusal refusal, bool atOnce) => _explanations?.Refused(holder, request, refusal, atOnce);

    /// <summary>Takes note of what becomes of a ticket.</summary>
    private void Explain(int holder, Account account, in Decision decision)
    {
        if (decision.Ticket == 0)
        {
            return;
        }

        NoteTurn(account, decision);
        var id = _world.Holders[holder].Id;
        _explanations?.Gone(id, decision.Ticket);
        if (decision.Refusal is not { } refusal)
        {
            return;
        }

        _explanations?.Refuses(id, decision.Ticket, refusal.Reason);
        if (_world.Scenario.ChecksLate && refusal.Reason is RefusalReason.TooLate or RefusalReason.DeadlineUnreachable && account.Tickets.TryGetValue(decision.Ticket, out var ticket))
        {
            _tooLate.Add((holder, ticket));
        }
    }

    private static SimRequest? FindWaiting(Holder holder, long ticket)
    {
        foreach (var request in holder.Waiting)
        {
            if (request.Ticket == ticket)
            {
                return request;
            }
        }

        return null;
    }
}
