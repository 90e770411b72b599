using System.Runtime.CompilerServices;

namespace Admission.Capacity;

/// <content>The refusals that need no ledger.</content>
public sealed partial class PermitPool
{
    /// <summary>The longest retry-after while the ledger cannot be reached, in seconds.</summary>
    private const int LongestRetryAfter = 30;

    /// <summary>
    /// A refusal by a standing notice reads the clock only each so many times, because that costs as much as all the rest: <see cref="Tick"/> ends the notice. A power of two.
    /// Where the owner's alarm is late, up to this number less one are refused after the end, for each of the notice's two reasons.
    /// </summary>
    internal const int RefusalsPerClock = 8;

    /// <summary>
    /// The notice in force, as long as it refuses whatever it holds for, and no idle permit stands beside it: read without the lock. Set by the first request that it refuses,
    /// taken away by whatever may free a permit or change the notice: <see cref="ReleaseLocked"/>, and all that ends in <see cref="Effects"/>. While it stands permits come back under the lock
    /// (<see cref="LetReturnUnlocked"/>).
    /// </summary>
    private volatile StandingRefusal? _standing;
    private StandingRefusal? _noticeInForce;
    private AdjustedBounds? _adjusted;

    private PoolResult Refused(Refusal refusal)
    {
        _refused[refusal.Reason.Counter()]++;
        return new(PoolAnswer.Refused, refusal);
    }

    /// <summary>Why a request is refused without asking; null if it may wait.</summary>
    private Refusal? RefusalFor(in AdmissionRequest request, long now)
    {
        if (_leaving)
        {
            return Because(RefusalReason.ShuttingDown);
        }

        if (request.Weight > LargestGrant && _policy.TotalLimit > 0)
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

        if (now < _saturatedUntil && SaturatedFor(request) is { } notice)
        {
            _demand.Refused();
            return notice;
        }

        if (LateFor(request, now) is { } late)
        {
            _demand.Refused();
            return late;
        }

        if (WaitOf(request) <= TimeSpan.Zero)
        {
            _demand.Observe(_permits.InUse + WaiterCount + 1);
            return Because(RefusalReason.WaitExpired);
        }

        if (IsCrowded(request))
        {
            _demand.Refused();
            return Because(FullReason);
        }

        return null;
    }

    /// <summary>
    /// Refuses those that came while an exchange was under way and whom its answer would refuse if they came now: asking for them would cost an exchange more for each answer, and so
    /// the more the faster a storm is. Whom a report has carried the ledger itself decides.
    /// </summary>
    private void RefuseByNotice(long now, ref Changes changes)
    {
        if (!_hasNewTickets || _detached || (now >= _saturatedUntil && now >= _lateUntil))
        {
            return;
        }

        _hasNewTickets = false;
        foreach (var waiter in _unacknowledged)
        {
            if (!waiter.IsQueued || waiter.ReportedIn != 0)
            {
                continue;
            }

            var asked = waiter.Request with { MaxWait = _clock.Until(waiter.Deadline) };
            var refusal = (now < _saturatedUntil ? SaturatedFor(asked) : null) ?? LateFor(asked, now);
            if (refusal is null)
            {
                _hasNewTickets = true;
                continue;
            }

            Remove(waiter);
            NoteRefused(waiter);
            changes.Decide(waiter, RefusedHere(waiter, refusal, now));
        }
    }

    /// <summary>Refuses by the standing notice, without the lock; false when it does not hold for the request, or has ended.</summary>
    /// <remarks>A method of its own for the compiler too: what it learns of a pool that admits would make the refusals of a storm half as slow again.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRefuse(StandingRefusal notice, in AdmissionRequest request, out PoolResult result)
    {
        Unsafe.SkipInit(out result);
        if (notice.For(request) is not { } refusal)
        {
            return false;
        }

        // Each number comes to one thread alone, so the clock is read as often as promised whatever the threads do.
        if ((_demand.RefusedUnlocked(refusal.Reason) & (RefusalsPerClock - 1)) == 0 && _clock.Now >= notice.Until)
        {
            _demand.NotRefusedUnlocked(refusal.Reason);
            _standing = null;
            return false;
        }

        result.Refuse(refusal);
        return true;
    }

    /// <summary>A request was refused and nothing has changed: the next ones need not take the lock to hear the same.</summary>
    private void LetNoticeStand(long now)
    {
        if (_saturated is not { } refusal || now >= _saturatedUntil || _detached || _leaving)
        {
            return;
        }

        // While it stands, each permit that comes back takes it away, under the lock.
        Settle();
        if (_permits.Idle > 0 && !_contended && _waiters.Count == 0)
        {
            return;
        }

        _noticeInForce ??= new StandingRefusal(
            _saturatedUntil, _saturationScope, refusal, _saturatedTenant, _policy.TotalLimit > 0 ? LargestGrant : int.MaxValue);
        _standing = _noticeInForce;
    }

    /// <summary>The refusal that the notice in force has for a request; null if the ledger might take it in.</summary>
    private Refusal? SaturatedFor(in AdmissionRequest request) =>
        request.Priority > _saturationScope.Above ? _saturated : _saturationScope.HoldsForTenant(request) ? _saturatedTenant : null;

    /// <summary>
    /// The most permits that one request can get. Where an operator has adjusted that, the ledger may have another policy than this pool: whoever could be served by either is sent to it.
    /// </summary>
    internal int LargestGrant => Math.Max(_policy.LargestGrant, _adjusted?.LargestGrant ?? 0);

    private RefusalReason FullReason => _adjusted is { IsPaused: true } ? RefusalReason.Paused : _policy.Overflow == Overflow.Wait ? RefusalReason.QueueFull : RefusalReason.AtCapacity;

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
