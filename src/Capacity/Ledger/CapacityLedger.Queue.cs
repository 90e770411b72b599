namespace Admission.Capacity;

/// <content>The queue's places: who is refused when there are too few, and where a ticket stands.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Of <see cref="Place"/>, kept so that not every report allocates one; as large as the priorities and tenants of one report.</summary>
    private readonly Dictionary<(int Priority, string Tenant), int> _younger = [];

    /// <summary>
    /// Refuses the tickets beyond the queue's capacity. One that idle permits elsewhere may serve does not count: they have been
    /// recalled, and the answer tells.
    /// </summary>
    /// <returns>Whether any was refused.</returns>
    private bool RefuseOverflow(long now)
    {
        var places = _policy!.Waiting;
        if (places == 0 && !Recovering)
        {
            RefuseParked(now);
        }

        var before = _queue.Count;
        var room = places + (Recovering ? _destinations.Limit : 0);
        if (before <= room)
        {
            return false;
        }

        var covered = CoveredByIdle(_queue.Count - room);
        var caps = covered > 0;
        while (_queue.Count - room > covered)
        {
            // What idle permits may serve is not refused for what only its tenant's cap keeps waiting.
            var beyond = caps ? _queue.YoungestBeyondCap : null;
            caps = beyond is not null;
            var (ticket, reason) = beyond is not null ? (beyond, RefusalReason.TenantCap) : _queue.Victim(room);
            reason = places == 0 && reason != RefusalReason.TenantCap ? RefusalReason.AtCapacity : reason;
            reason = _destinations.IsPaused && reason is (RefusalReason.AtCapacity or RefusalReason.QueueFull) ? RefusalReason.Paused : reason;
            Refuse(ticket, Recovering ? RefusalReason.Recovering : reason, now);
            if (_queue.Weight > _queue.Count)
            {
                // What a heavy ticket that is refused would have taken may serve several light ones.
                covered = CoveredByIdle(_queue.Count - room);
            }
        }

        return _queue.Count < before;
    }

    /// <summary>Without a queue a tenant that has as many permits as it may is refused at once.</summary>
    private void RefuseParked(long now)
    {
        while (_queue.YoungestParked is { } ticket)
        {
            Refuse(ticket, RefusalReason.TenantCap, now);
        }
    }

    /// <summary>How many of the first tickets, up to a number, the permits that are free or may be idle would serve.</summary>
    private int CoveredByIdle(int most)
    {
        var left = Math.Clamp(_destinations.Free + (long)_totalMayBeIdle, 0, _destinations.Limit);
        if (left == 0)
        {
            return 0;
        }

        var covered = 0;
        foreach (var ticket in _queue.InOrder())
        {
            left -= ticket.Request.Weight;
            if (left < 0 || covered == most)
            {
                break;
            }

            covered++;
        }

        return covered;
    }

    /// <summary>
    /// Notes where the tickets that have just arrived stand, and refuses those that the measured drain rate cannot serve in time: in their own, or before clients leave.
    /// </summary>
    /// <returns>Whether any was refused.</returns>
    private bool Place(HolderAccount account, long now)
    {
        if (_arrived.Count == 0)
        {
            return false;
        }

        var refused = false;

        // They are the youngest of their priority and tenant, so counting from the last needs no walk through the queue.
        _younger.Clear();
        for (var i = _arrived.Count - 1; i >= 0; i--)
        {
            var ticket = _arrived[i];
            var request = ticket.Request;
            if (!account.Tickets.ContainsKey(request.Id))
            {
                continue;
            }

            var key = (request.Priority, request.Tenant ?? TenantRules.Common);
            var behind = _younger.GetValueOrDefault(key);
            var (position, permits) = _queue.PlaceOf(ticket, behind, out var higher, out var own);
            var wait = _drain.TimeFor(permits, _destinations.Limit) ?? TimeSpan.Zero;
            var reason = RefusalReason.None;
            if (_queue.Permits.Rules.CapOf(request.Tenant) is { } cap)
            {
                wait = Longer(wait, _drain.TimeFor((ticket.Tenant!.Tickets.Count - behind) * (long)request.Weight, cap) ?? TimeSpan.Zero);
                reason = request.Weight > cap ? RefusalReason.TenantCap : RefusalReason.None;
            }

            reason = reason == RefusalReason.None ? TooLateBecause(request, wait, now) : reason;

            if (reason != RefusalReason.None)
            {
                Refuse(ticket, reason, now);
                refused = true;
                if (reason is RefusalReason.TooLate or RefusalReason.DeadlineUnreachable)
                {
                    NoteLate(request, now);
                }
            }
            else
            {
                _younger[key] = behind + 1;
                ticket.OnArrival = new Ahead(higher, own, wait > TimeSpan.Zero ? wait : null);
                account.NewPositions.Add(new TicketPosition(request.Id, position, wait));
            }
        }

        return refused;
    }
}
