namespace Admission.Capacity;

/// <content>What the ledger has said of arrivals that would be served too late.</content>
public sealed partial class PermitPool
{
    private LateNotice[] _late = [];
    private long _lateSince;
    private long _lateUntil = MonotonicClock.Never;

    private void ApplyLate(LedgerMessage message, long now)
    {
        _late = message.Late ?? [];
        _lateSince = now;
        _lateUntil = _late.Length > 0 ? now + _clock.Ticks(message.LateFor) : MonotonicClock.Never;
    }

    /// <summary>Why the ledger would refuse a request at once by a notice that is in force, although the queue has room; null if it might take it in.</summary>
    private Refusal? LateFor(in AdmissionRequest request, long now)
    {
        var reason = now < _lateUntil ? LateBecause(request, now, out _, out _) : RefusalReason.None;
        return reason == RefusalReason.None ? null : Because(reason);
    }

    /// <summary>Which of the two it is, by what the notice lets expect of the wait and, for patience, the longest that is worth while.</summary>
    private RefusalReason LateBecause(in AdmissionRequest request, long now, out TimeSpan wait, out TimeSpan? longest)
    {
        var passed = _clock.Between(_lateSince, now);
        foreach (ref readonly var notice in _late.AsSpan())
        {
            if (!notice.HoldsFor(request))
            {
                continue;
            }

            (wait, longest) = (notice.Wait - passed, _policy.LearnsPatience && !request.IsHeld ? notice.LongestWait : null);
            if (wait > WaitOf(request))
            {
                return RefusalReason.DeadlineUnreachable;
            }

            if (wait > longest)
            {
                return RefusalReason.TooLate;
            }
        }

        (wait, longest) = (TimeSpan.Zero, null);
        return RefusalReason.None;
    }
}
