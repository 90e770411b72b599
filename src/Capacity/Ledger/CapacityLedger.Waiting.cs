namespace Admission.Capacity;

/// <content>Tells who waits, for people.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Tells a page of the tickets that wait. O(tickets · log page), without sorting the queue.</summary>
    /// <param name="query">Which; a count out of its bounds is held to them.</param>
    public WaitingPage Waiting(WaitingQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var now = _clock.Now;
        var count = Math.Clamp(query.Count, 1, WaitingQuery.Most);
        var page = new PriorityQueue<QueuedTicket, long>(count + 1);
        var groups = new Dictionary<(int Priority, string Tenant), (int Count, long Permits, long Since)>();
        var found = 0;
        foreach (var account in _accounts.Values)
        {
            foreach (var ticket in account.Tickets.Values)
            {
                if (!query.Takes(ticket.Request))
                {
                    continue;
                }

                found++;
                if (query.After == 0)
                {
                    var key = (ticket.Request.Priority, ticket.Request.Tenant ?? TenantRules.Common);
                    var group = groups.GetValueOrDefault(key, (0, 0, long.MaxValue));
                    groups[key] = (group.Count + 1, group.Permits + ticket.Request.Weight, Math.Min(group.Since, ticket.Since));
                }

                if (ticket.Arrival > query.After)
                {
                    // The latest goes when there are too many.
                    page.Enqueue(ticket, -ticket.Arrival);
                    _ = page.Count > count ? page.Dequeue() : null;
                }
            }
        }

        return new WaitingPage
        {
            Tickets = [.. page.UnorderedItems.Select(item => item.Element).OrderBy(ticket => ticket.Arrival).Select(ticket => DescribeWaiting(ticket, now))],
            Total = _queue.Count,
            Found = found,
            Groups =
            [
                .. groups.OrderByDescending(group => group.Value.Count).ThenBy(group => group.Key.Priority).ThenBy(group => group.Key.Tenant, StringComparer.Ordinal)
                    .Take(WaitingPage.MostGroups).Select(group => new WaitingGroup(
                        group.Key.Priority, group.Key.Tenant.Length == 0 ? null : group.Key.Tenant, group.Value.Count, group.Value.Permits, _clock.Between(group.Value.Since, now))),
            ],
        };
    }

    private TicketInQueue DescribeWaiting(QueuedTicket ticket, long now) => new(
        IdOf(ticket).ToString(), ticket.Arrival, ticket.Account.Life.Holder, ticket.Request.Priority, ticket.Request.Tenant, ticket.Request.Weight,
        _clock.Between(ticket.Since, now), _clock.Until(ticket.Deadline));
}
