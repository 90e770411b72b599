using System.Globalization;
using Admission.Capacity;
using Admission.Frontend.Problems;
using Microsoft.AspNetCore.Http.Extensions;

namespace Admission.Frontend.Api.Operating;

/// <summary>Whether a backend would take one more request for one permit at normal priority. An estimate, from what this gateway knows.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Ready">It would be served, or may wait.</param>
/// <param name="Reason">Why not, as refusals say it; null if it would.</param>
/// <param name="Room">Permits that are free; null while nothing is known, or where there is no limit.</param>
/// <param name="Places">Places that are free in the queue.</param>
/// <param name="Limit">The limit when the ledger last told.</param>
/// <param name="Age">Seconds since then; null for never.</param>
/// <param name="RetryAfter">Seconds after which to ask again; null if it is ready.</param>
internal sealed record ReadyView(string Backend, bool Ready, string? Reason, int? Room, int Places, int? Limit, double? Age, int? RetryAfter)
{
    public static ReadyView Of(string backend, PoolReadiness readiness) => new(
        backend, readiness.IsReady, readiness.IsReady ? null : KebabCase.Of(readiness.Reason), readiness.Room, readiness.Places,
        readiness.Age is null ? null : readiness.Occupancy.Limit, readiness.Age?.TotalSeconds,
        readiness.IsReady ? null : (int)Math.Clamp(Math.Ceiling(readiness.Occupancy.RetryAfter.TotalSeconds), 1, int.MaxValue));

    /// <summary>A cluster without a limit, or with one that is only decided in shadow.</summary>
    public static ReadyView Unlimited(string backend) => new(backend, true, null, null, 0, null, null, null);
}

/// <summary>The destinations of a backend.</summary>
internal sealed record DestinationsView(string Backend, IReadOnlyList<DestinationView> Destinations);

/// <summary>The holders of a backend's permits.</summary>
internal sealed record HoldersView(string Backend, IReadOnlyList<HolderView> Holders);

/// <summary>Who waits, in the order in which they reached the ledger.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Total">All that wait.</param>
/// <param name="Found">Those that were asked for.</param>
/// <param name="Tickets">This page of them.</param>
/// <param name="Next">The address of the next page; null after the last.</param>
/// <param name="Groups">By priority and tenant, the largest first; only on the first page.</param>
internal sealed record TicketsView(string Backend, int Total, int Found, IReadOnlyList<TicketView> Tickets, string? Next, IReadOnlyList<WaitingGroupView> Groups)
{
    public static TicketsView Of(string backend, WaitingPage page, WaitingQuery asked)
    {
        string? next = null;
        if (page.Tickets.Length == asked.Count)
        {
            var query = new QueryBuilder
            {
                { "after", page.Tickets[^1].Arrival.ToString(CultureInfo.InvariantCulture) },
                { "limit", asked.Count.ToString(CultureInfo.InvariantCulture) },
            };
            if (asked.Priority is { } priority)
            {
                query.Add("priority", priority.ToString(CultureInfo.InvariantCulture));
            }

            if (asked.Tenant is not null)
            {
                query.Add("tenant", asked.Tenant);
            }

            next = $"/admission/v1/backends/{Uri.EscapeDataString(backend)}/tickets{query}";
        }

        return new TicketsView(
            backend, page.Total, page.Found,
            [.. page.Tickets.Select(each => new TicketView(each.Ticket, each.Arrival, each.Holder, each.Priority, each.Tenant, each.Weight, each.Waited.TotalSeconds, each.Left.TotalSeconds))],
            next,
            [.. page.Groups.Select(each => new WaitingGroupView(each.Priority, each.Tenant, each.Count, each.Permits, each.Longest.TotalSeconds))]);
    }
}

/// <summary>A request that waits. Durations are in seconds.</summary>
/// <param name="Ticket">Its name, for <c>explain</c>.</param>
/// <param name="Arrival">Its number among the tickets of this ledger.</param>
/// <param name="Holder">The holder whose request it is.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="Weight">Permits that it needs.</param>
/// <param name="Waited">How long it has waited.</param>
/// <param name="Left">How long it may wait yet.</param>
internal sealed record TicketView(string Ticket, long Arrival, string Holder, int Priority, string? Tenant, int Weight, double Waited, double Left);

/// <summary>Requests of one priority and tenant that wait.</summary>
internal sealed record WaitingGroupView(int Priority, string? Tenant, int Count, long Permits, double Longest);
