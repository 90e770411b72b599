using System.Globalization;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>Says what is not as promised of leases, in words. Each method takes just what it judges by.</summary>
internal static class LeaseJudge
{
    /// <summary>What refuses a lease while there is no room, or while the ledger is away.</summary>
    private static readonly string[] Refusals =
    [
        "at-capacity", "queue-full", "wait-expired", "deadline-unreachable", "recovering", "ledger-unreachable", "lease-unconfirmed", "starting", "shutting-down",
    ];

    /// <summary>There are never more sessions than the limit, by the database's own log.</summary>
    public static IEnumerable<string> OfSessions(SessionLog log, int limit) => log.Begins.Where(begin => begin.AtOnce > limit).Select(begin => $"{begin}, of {limit}");

    /// <summary>Nor are there more leases that may be used, by their holders' own clocks, which are one and the same here.</summary>
    public static IEnumerable<string> OfHolding(IEnumerable<LeaseRecord> leases, int limit)
    {
        var held = new PriorityQueue<LeaseRecord, long>();
        foreach (var lease in leases.OrderBy(lease => lease.Grant.Answered))
        {
            while (held.TryPeek(out _, out var end) && end <= lease.Grant.Answered)
            {
                held.Dequeue();
            }

            held.Enqueue(lease, lease.End);
            if (lease.End > lease.Grant.Answered && held.Count > limit)
            {
                yield return $"{held.Count} of {limit} leases were held with {lease}: {string.Join(", ", held.UnorderedItems.Select(each => each.Element))}";
            }
        }
    }

    /// <summary>A lease has a higher number than each that was told before it was asked for; no two have the same.</summary>
    public static IEnumerable<string> OfTokens(IReadOnlyCollection<LeaseRecord> leases)
    {
        foreach (var twice in leases.GroupBy(lease => lease.Grant.Number).Where(group => group.Count() > 1))
        {
            yield return $"one fencing token is that of {string.Join(" and ", twice)}";
        }

        LeaseRecord? highest = null;
        using var told = leases.OrderBy(lease => lease.Grant.Answered).GetEnumerator();
        var more = told.MoveNext();
        foreach (var lease in leases.OrderBy(lease => lease.Grant.Asked))
        {
            for (; more && told.Current.Grant.Answered < lease.Grant.Asked; more = told.MoveNext())
            {
                highest = highest is null || told.Current.Grant.Number > highest.Grant.Number ? told.Current : highest;
            }

            if (highest is not null && (lease.Grant.Number <= highest.Grant.Number || lease.Grant.Epoch < highest.Grant.Epoch))
            {
                yield return $"{lease} was asked for when {highest} had been told, and its fencing token is lower";
            }
        }
    }

    /// <summary>
    /// Once the database has taken a write it takes none with a lower token. It refuses only who was stopped or lost meanwhile: nobody's token is overtaken while its lease may be used.
    /// </summary>
    public static IEnumerable<string> OfWrites(IEnumerable<FencedWrite> writes, IReadOnlyCollection<LeaseRecord> leases, IReadOnlyCollection<Outage> outages)
    {
        var byId = leases.ToDictionary(lease => lease.Id, StringComparer.Ordinal);
        FencedWrite? highest = null;
        foreach (var write in writes)
        {
            var lease = byId.GetValueOrDefault(write.Lease);
            if (lease is not null && lease.Grant.Number != write.Number)
            {
                yield return $"{lease} wrote with the token {write.Number}";
            }

            var isStale = highest is not null && write.Number < highest.Number;
            if (isStale && write.IsAccepted)
            {
                yield return $"{Words(write)} was taken after {highest!.Number}";
            }
            else if (!write.IsAccepted && !isStale)
            {
                yield return $"{Words(write)} was refused, and no newer one had come";
            }
            else if (!write.IsAccepted && lease is not null && !outages.Any(outage => outage.Target == write.Holder && outage.To >= lease.Grant.Asked))
            {
                yield return $"{Words(write)} was refused, and its holder had never stood still";
            }

            highest = write.IsAccepted && !isStale ? write : highest;
        }
    }

    /// <summary>
    /// A holder that goes on renewing loses no lease, whatever becomes of the gateway that granted it, and of any other one. Excused is a time in which the holder itself was stopped, or in which the ledger was away; and a lease that
    /// was told with less time than passes between two renewals.
    /// </summary>
    public static IEnumerable<string> OfLosses(IEnumerable<LeaseRecord> leases, LeasedPlan plan, IReadOnlyCollection<Outage> holders, IReadOnlyCollection<Outage> ledger) =>
        from lease in leases
        let lost = lease.Lost ?? long.MaxValue
        where lost != long.MaxValue && !CameLate(lease, plan)
        let since = lost - (long)(plan.Ttl.TotalSeconds * 1e9)
        where !Excused(holders.Where(outage => outage.Target == lease.Holder), since, lost) && !Excused(ledger, since, lost)
        select $"{lease} was lost, and neither was its holder stopped nor its ledger away";

    /// <summary>410 is only said when it is true: after a release, or when the lease was not renewed for its time-to-live and the grace. Nobody is told that there never was such a lease.</summary>
    public static IEnumerable<string> OfEnds(IEnumerable<LeaseRecord> leases, LeasedPlan plan)
    {
        foreach (var lease in leases)
        {
            foreach (var answer in lease.Renewals.Where(renewal => renewal.Answered < (lease.GivenBack ?? long.MaxValue)).Concat(lease.Release is { } last ? [last] : []))
            {
                var renewed = lease.Renewals.Where(renewal => renewal.Status == 200 && renewal.Answered <= answer.Sent).Select(renewal => renewal.Sent).Append(lease.Grant.Asked + lease.Grant.Waited).Max();
                var after = TimeSpan.FromSeconds(Clock.Seconds(answer.Answered - renewed));
                if (answer.Status is not (0 or 200 or 204 or 410 or 503))
                {
                    yield return $"{lease} was answered {answer.Status}";
                }
                else if (answer.Status == 410 && after < plan.AtLedger)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"{lease} was over {after.TotalSeconds:F2} s after its last renewal, and lasts {plan.Ttl.TotalSeconds} s");
                }
            }
        }
    }

    /// <summary>There is a reason where there is no lease, and it is that there is no room, or that the ledger is away.</summary>
    public static IEnumerable<string> OfRefusals(IReadOnlyDictionary<string, int> refusals) =>
        refusals.Keys.Where(reason => !Refusals.Contains(reason, StringComparer.Ordinal)).Select(reason => $"a lease was refused with '{reason}'");

    // Its answer took most of its time, at a gateway that had just begun or on a busy machine: it was over, or nearly, before its holder could renew it once.
    private static bool CameLate(LeaseRecord lease, LeasedPlan plan) =>
        lease.Renewals.All(renewal => renewal.Status != 200 || renewal.Answered > lease.Lost) && lease.Grant.Until - lease.Grant.Answered < (long)(plan.Ttl.TotalSeconds / 3 * 1e9);

    private static bool Excused(IEnumerable<Outage> outages, long from, long to) => outages.Any(outage => outage.From <= to && outage.To >= from);

    private static string Words(FencedWrite write) => $"a write of {write.Holder} with the token {write.Number}";
}
