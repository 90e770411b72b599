namespace Admission.Capacity;

/// <content>The refusals that need no ledger.</content>
public sealed partial class PermitPool
{
    /// <summary>The longest retry-after while the ledger cannot be reached, in seconds.</summary>
    private const int LongestRetryAfter = 30;

    private static PoolResult Refused(Refusal refusal) => new(PoolAnswer.Refused, default, refusal);

    /// <summary>Why a request is refused without asking; null if it may wait.</summary>
    private Refusal? RefusalFor(in AdmissionRequest request, long now)
    {
        if (_leaving)
        {
            return Because(RefusalReason.ShuttingDown);
        }

        if (request.Weight > _policy.LargestGrant && _policy.TotalLimit > 0)
        {
            return Because(RefusalReason.WeightAboveLimit);
        }

        var hasLease = now < _life.LeaseEnd;
        if (!hasLease && _status == LedgerStatus.TooManyHolders)
        {
            return Because(RefusalReason.TooManyHolders);
        }

        if (_detached && (!hasLease || _policy.Overflow == Overflow.Refuse) && now - _detachedAt >= _clock.Ticks(DecisionTimeout))
        {
            // Who is refused is in use, and goes on asking for the ledger.
            _lastUse = now;
            return Because(_status == LedgerStatus.Recovering ? RefusalReason.Recovering : RefusalReason.LedgerUnreachable);
        }

        if (now < _saturatedUntil)
        {
            _demand.Refused();
            return _saturated;
        }

        if (WaitOf(request) <= TimeSpan.Zero)
        {
            _demand.Observe(_permits.InUse + _waiters.Count + 1);
            return Because(RefusalReason.WaitExpired);
        }

        // Of so many, the ledger could not serve or queue one more, whatever the other holders do.
        if (_waiters.Count >= Math.Max(_policy.TotalLimit, _occupancy.Limit) + _policy.Waiting)
        {
            _demand.Refused();
            return Because(FullReason);
        }

        return null;
    }

    private RefusalReason FullReason => _policy.Overflow == Overflow.Wait ? RefusalReason.QueueFull : RefusalReason.AtCapacity;

    private Refusal Because(RefusalReason reason) => new(reason, reason == RefusalReason.LedgerUnreachable ? WhileUnreachable() : _occupancy);

    /// <summary>
    /// With a lease, permits come back here as the backend works, at the rate that the ledger last knew. Without one nothing is served until
    /// the ledger answers: come back when it has been away for twice as long as now. Whole seconds, so that refusals of one second are alike.
    /// </summary>
    private Occupancy WhileUnreachable()
    {
        var now = _clock.Now;
        if (!_detached || now < _life.LeaseEnd)
        {
            return _occupancy;
        }

        var away = Math.Ceiling(_clock.Between(_lastAnswer, now).TotalSeconds);
        return _occupancy with { RetryAfter = TimeSpan.FromSeconds(Math.Clamp(away, 1, LongestRetryAfter)) };
    }
}
