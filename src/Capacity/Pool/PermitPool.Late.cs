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
        var passed = _clock.Between(_lateSince, now);
        foreach (ref readonly var notice in _late.AsSpan())
        {
            if (!notice.HoldsFor(request))
            {
                continue;
            }

            var wait = notice.Wait - passed;
            if (wait > WaitOf(request))
            {
                return Because(RefusalReason.DeadlineUnreachable);
            }

            if (_policy.LearnsPatience && notice.LongestWait is { } longest && wait > longest)
            {
                return Because(RefusalReason.TooLate);
            }
        }

        return null;
    }
}
