namespace Admission.Capacity;

/// <content>For callers who want to ask before they send.</content>
public sealed partial class PermitPool
{
    /// <summary>What one more request would meet. Asks nobody, and leaves no trace: it is not counted as demand.</summary>
    public PoolReadiness Readiness
    {
        get
        {
            lock (_lock)
            {
                BookReturned();
                var now = _clock.Now;
                var hasLease = now < _life.LeaseEnd;
                var idle = hasLease && !_contended && WaiterCount == 0 ? _permits.Idle : 0;
                var isKnown = _status != LedgerStatus.None;
                var free = !isKnown ? (int?)null : _detached ? idle : Math.Max(idle, _occupancy.Limit - _occupancy.InUse);
                var places = Math.Max(0, (_adjusted?.Waiting ?? _policy.Waiting) - _occupancy.Queued);
                var reason = idle > 0 && !_leaving ? RefusalReason.None : ReasonAgainst(default, hasLease, now);

                // What is older than a heartbeat may come from a pool that has not been used since, and would keep everybody away.
                var isFull = free <= 0 && places == 0 && !_detached && now - _lastAnswer <= _clock.Ticks(Heartbeat + DetachAfter);
                return new PoolReadiness(
                    reason == RefusalReason.None && idle == 0 && isFull ? FullReason : reason, free is null ? null : Math.Max(0, free.Value), places, _occupancy,
                    isKnown ? _clock.Between(_lastAnswer, now) : null);
            }
        }
    }

    /// <summary>
    /// As <see cref="RefusalFor"/>, which counts whom it refuses. Beyond that: who has been without its ledger for so long, and has no permit that could come back here, is not ready, although a request would be let wait.
    /// Who asks wants to know where it would be served. But a pool that has gone quiet knows nothing any more, and only a request makes it look again: told not to come, nobody would ever make it.
    /// </summary>
    private RefusalReason ReasonAgainst(in AdmissionRequest request, bool hasLease, long now) => true switch
    {
        _ when _leaving => RefusalReason.ShuttingDown,
        _ when IsQuiet => RefusalReason.None,
        _ when !hasLease && _status == LedgerStatus.TooManyHolders => RefusalReason.TooManyHolders,
        _ when _detached && (!hasLease || _policy.Overflow == Overflow.Refuse || _permits.Held == 0) && now - _detachedAt >= _clock.Ticks(DecisionTimeout) =>
            _status == LedgerStatus.Recovering ? RefusalReason.Recovering : RefusalReason.LedgerUnreachable,
        _ when now < _saturatedUntil && SaturatedFor(request) is { } notice => notice.Reason,
        _ when LateFor(request, now) is { } late => late.Reason,
        _ when IsCrowded(request) => FullReason,
        _ => RefusalReason.None,
    };
}
