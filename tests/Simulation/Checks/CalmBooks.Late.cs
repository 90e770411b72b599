namespace Admission.Simulation;

/// <content>Notices that arrivals would be served too late, in runs without faults: what they say is true, and pools refuse by them only whom they are for.</content>
internal sealed partial class CalmBooks
{
    private readonly List<LateNotice> _notifiedLate = [];

    /// <summary>Whether a pool was told that a request would be refused so.</summary>
    public bool WasToldLate(Holder holder, SimRequest request, RefusalReason reason)
    {
        var account = _accounts[holder.Index];
        var asked = request.Asked;
        var passed = TimeSpan.FromTicks((long)((_world.Now - account.LateSince) * 0.995));
        var most = (asked.MaxWait is { } own && own < holder.Policy.MaxWait ? own : holder.Policy.MaxWait) - TimeSpan.FromTicks((long)((_world.Now - request.ArrivedAt) * 1.005));
        return account.Late.Any(notice =>
            (notice.AndAfter ? asked.Priority >= notice.Priority : asked.Priority == notice.Priority && (asked.Tenant ?? "") == (notice.Tenant ?? ""))
            && notice.Wait - passed >= (reason == RefusalReason.TooLate ? notice.LongestWait ?? TimeSpan.MaxValue : most) - TimeSpan.FromMilliseconds(0.1));
    }

    /// <summary>After a call of the ledger: nothing is free, and no more is before whoever comes than would keep it waiting for so long.</summary>
    private void CheckLate(CapacityLedger ledger, int usable)
    {
        if (_notifiedLate.Count == 0)
        {
            return;
        }

        var books = ledger.Describe();
        var each = books.Occupancy.RetryAfter / (_queuedWeight + 1.0);
        foreach (var notice in _notifiedLate)
        {
            var (ahead, shares) = _order.Before(notice.Priority, notice.AndAfter);
            var most = each * (((ahead + 1) * (_queuedWeight + 1.0) / (_queued + 1) * 100 / (100 - Math.Min(99, shares))) + 1);
            if (notice.Wait > most * 1.001)
            {
                throw _world.Broken("P3", $"a notice says that arrivals of priority {notice.Priority} and tenant '{notice.Tenant}' would wait {notice.Wait.TotalMilliseconds:F1} ms, but {ahead} tickets are before them, which takes {most.TotalMilliseconds:F1} ms.");
            }

            if (usable > Fragments(_world.PolicyInTruth(ledger.Policy)!) || notice.LongestWait < Longest(books, notice))
            {
                throw _world.Broken("P3", $"a notice says that arrivals of priority {notice.Priority} would be too late, but {usable} permits are free or idle, and clients stay {books.LongestWait}.");
            }
        }

        _notifiedLate.Clear();
    }

    /// <summary>How long clients stay for whom a notice is: of a tenant's, as is known of it, and of all for whom it may be.</summary>
    private static TimeSpan Longest(BackendDescription books, in LateNotice notice)
    {
        var tenant = notice.Tenant;
        return !notice.AndAfter && books.TenantPatience.FirstOrDefault(known => known.Tenant == tenant) is { } own ? own.LongestWait ?? TimeSpan.MaxValue
            : !notice.AndAfter ? books.LongestWait ?? TimeSpan.MaxValue
            : books.TenantPatience.Select(known => known.LongestWait).Append(books.LongestWait).Max(longest => longest ?? TimeSpan.MaxValue);
    }
}
