using System.Globalization;
using Admission.Capacity;

namespace Admission.Dashboard.Feed.Pages;

/// <summary>What ledgers answer, as the dashboard's records.</summary>
internal static class PageWords
{
    private const int MostShown = 50;

    /// <summary>The policy; null before there is one.</summary>
    public static PolicyPage? Policy(string backend, PolicyDescription? described)
    {
        if (described?.Configured is not { } configured)
        {
            return null;
        }

        var policy = new AdjustedPolicy(configured, described.Adjustment);
        var levels = (configured.Order ?? QueueOrder.Default).Named().ToArray();
        return new PolicyPage(
            described.Version, policy.InForce, configured, policy.IsPaused, described.Adjustment is { IsEmpty: false },
            [
                .. (policy.InForce.Order ?? QueueOrder.Default).Named().ToArray().OrderBy(level => level.Priority).Select(level => new PriorityRow(
                    level.Name, level.Priority, level.Share, Array.Find(levels, own => own.Priority == level.Priority).Share)),
            ],
            [.. described.History.Select(change => Change(backend, change))]);
    }

    /// <summary>A change.</summary>
    public static ChangeRow Change(string backend, PolicyChange change) => new(backend, change.Version, change.At, change.By, change.Fields, change.More);

    /// <summary>Who waits.</summary>
    public static QueuePage Queue(WaitingPage? page, BackendPolicy? policy) => page is null ? QueuePage.Empty : new QueuePage(
        page.Total,
        [.. page.Groups.Select(each => new QueueGroup(each.Priority, Priority(each.Priority, policy), each.Tenant, each.Count, each.Permits, each.Longest))],
        [.. page.Tickets.Take(MostShown).Select(each => new QueueTicket(each.Ticket, each.Holder, Priority(each.Priority, policy), each.Tenant, each.Weight, each.Waited, each.Left))]);

    /// <summary>Leases of programs, as holders of their own.</summary>
    public static IEnumerable<HolderRow> Leases(LeasePage? page) => (page?.Leases ?? []).Where(lease => lease.State == LeaseState.Held).Select(lease => new HolderRow(
        $"lease {lease.Fencing.Number}{(lease.Tenant is { } tenant ? $" of {tenant}" : "")}", lease.Fencing.Number, false, lease.Permits, lease.Permits, 0, 0, "lease",
        lease.Ttl > lease.Left ? lease.Ttl - lease.Left : TimeSpan.Zero, lease.Left));

    /// <summary>The last decisions.</summary>
    /// <param name="page">The ledger's answer.</param>
    /// <param name="at">When it came.</param>
    /// <param name="policy">Names priorities.</param>
    /// <param name="most">How many are shown; reasons are counted over all.</param>
    public static DecisionsPage Decisions(DecisionPage page, DateTimeOffset at, BackendPolicy? policy, int most = MostShown) => new(
        [.. page.Decisions.Take(most).Select(record => Decision(record, at, policy))],
        page.Recorded,
        page.LeftOut,
        [
            .. page.Decisions.Where(record => record.Reason != RefusalReason.None).GroupBy(record => record.Reason)
                .Select(reason => new ReasonCount(KebabCase.Of(reason.Key), reason.Count())).OrderByDescending(reason => reason.Count),
        ],
        null);

    /// <summary>A priority's name.</summary>
    public static string Priority(int priority, BackendPolicy? policy)
    {
        foreach (ref readonly var level in (policy?.Order ?? QueueOrder.Default).Named())
        {
            if (level.Priority == priority)
            {
                return level.Name;
            }
        }

        return priority.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The destinations that have limits of their own, those included that the ledger has forgotten because nothing is there any more.</summary>
    public static IReadOnlyList<DestinationRow> Destinations(BackendDescription? described, PolicyDescription? policy)
    {
        if (described is null)
        {
            return [];
        }

        var drained = (policy?.Adjustment?.Destinations ?? []).Where(each => each.IsDrained).Select(each => each.Destination).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var known = described.Destinations.Where(each => each.Destination.Length > 0).ToList();
        var names = known.Select(each => each.Destination).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. known.Select(each => new DestinationRow(
                each.Destination, each.Limit, each.Booked, each.Open, each.Limit > 0 ? KebabCase.Of(each.Condition) : each.Booked > 0 ? "draining" : "drained", each.Left, drained.Contains(each.Destination))
                { InUse = each.Booked - each.Idle })
                .Concat((described.Policy?.Destinations ?? []).Where(each => !names.Contains(each.Destination)).Select(each => new DestinationRow(
                    each.Destination, each.Limit, 0, 0, "drained", null, drained.Contains(each.Destination)) { InUse = 0 }))
                .OrderBy(each => each.Id, StringComparer.Ordinal),
        ];
    }

    private static DecisionRow Decision(DecisionRecord record, DateTimeOffset at, BackendPolicy? policy) => new(
        record.Number, at - record.Age, record.Ticket, KebabCase.Of(record.Outcome), record.Reason == RefusalReason.None ? null : KebabCase.Of(record.Reason), DecisionWords.Of(record), record.Holder,
        record.ByHolder, record.Tenant, Priority(record.Priority, policy), record.Weight, record.Waited);
}
