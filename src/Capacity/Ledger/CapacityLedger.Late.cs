namespace Admission.Capacity;

/// <content>
/// The notice by which pools refuse without asking whom the ledger would refuse as too late: as the saturation notice, for whom a queue with room is of no use. It is for the priorities and tenants
/// of which somebody was refused so just now, so its size does not depend on how many come.
/// </content>
public sealed partial class CapacityLedger
{
    private const int MostLateScopes = 8;

    private readonly List<(int Priority, string Tenant, long Until)> _late = new(MostLateScopes);
    private LateNotice[] _toldLate = [];
    private long _toldLateAt;
    private long _lateEnd = MonotonicClock.Never;

    /// <summary>A ticket is refused because it would be served too late.</summary>
    private void NoteLate(in TicketRequest request, long now)
    {
        var (priority, tenant) = (request.Priority, request.Tenant ?? TenantRules.Common);
        _late.RemoveAll(scope => scope.Until <= now || (scope.Priority == priority && string.Equals(scope.Tenant, tenant, StringComparison.Ordinal)));
        if (_late.Count == MostLateScopes)
        {
            _late.RemoveAt(0);
        }

        _late.Add((priority, tenant, now + _clock.Ticks(RefusalMemory)));
    }

    /// <summary>Whether an arrival can be too late at all: it would not be served at once, and its place says how long it waits.</summary>
    private bool MayBeTooLate(long now) =>
        _policy is { Overflow: Overflow.Wait } && !Recovering && !NoDestination && _totalMayBeIdle == 0 && _destinations.Free <= 0 && _queue.Count > 0 && !ServesNewest(now);

    private LateNotice[] LateNotices(long now)
    {
        _late.RemoveAll(scope => scope.Until <= now);
        if (_late.Count == 0 || !MayBeTooLate(now))
        {
            return [];
        }

        var notices = new List<LateNotice>(_late.Count + 1);
        foreach (var (priority, tenant, _) in _late)
        {
            notices.Add(new LateNotice(priority, tenant.Length == 0 ? null : tenant, false, WaitOfNext(priority, tenant), LongestWaitOf(tenant)));
        }

        if (_queue.FirstUnused is { } unused)
        {
            notices.Add(new LateNotice(unused, null, true, WaitOfNext(unused, TenantRules.Common), LongestOfAll));
        }

        notices.RemoveAll(notice => notice.Wait <= TimeSpan.Zero);
        return [.. notices];
    }

    private TimeSpan? LongestOfAll => _policy is { LearnsPatience: true } ? _tenantPatience.LongestOfAll : null;

    private TimeSpan WaitOfNext(int priority, string tenant) => _drain.TimeFor(_queue.PermitsBeforeNext(priority, tenant), _destinations.Limit) ?? TimeSpan.Zero;

    /// <summary>Notes what a message tells.</summary>
    private void NoteToldLate(HolderAccount account, LateNotice[] notices, TimeSpan validity, long now)
    {
        account.ToldLateUntil = notices.Length > 0 ? now + _clock.Ticks(validity) : MonotonicClock.Never;
        if (notices.Length > 0 && validity > BriefSaturation)
        {
            _lateEnd = Math.Max(_lateEnd, account.ToldLateUntil);
            (_toldLate, _toldLateAt) = (notices, now);
        }
    }

    /// <summary>Tells the holders that refuse without asking that they need not, if they would go on for a while: somebody would wait less by now than the notice says.</summary>
    private void TakeLateBack(long now)
    {
        if (now >= _lateEnd || StillLate(now))
        {
            return;
        }

        _lateEnd = MonotonicClock.Never;
        foreach (var account in _accounts.Values)
        {
            if (account.ToldLateUntil > now)
            {
                Notify(account);
            }
        }
    }

    private bool StillLate(long now)
    {
        if (!MayBeTooLate(now))
        {
            return false;
        }

        var passed = _clock.Between(_toldLateAt, now);
        foreach (var notice in _toldLate)
        {
            if (WaitOfNext(notice.Priority, notice.Tenant ?? TenantRules.Common) < notice.Wait - passed || (notice.AndAfter ? LongestOfAll : LongestWaitOf(notice.Tenant)) is null != notice.LongestWait is null)
            {
                return false;
            }
        }

        return true;
    }
}
