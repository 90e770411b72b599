namespace Admission.Capacity;

/// <summary>What the holders have seen of one destination, and the verdict: does it fail for the cluster, or for one holder only?</summary>
/// <remarks>
/// <para>
/// The failures in a row of all holders count together. But a holder whose own network is broken sees failures at healthy destinations. So with the first failure everybody
/// else who works is asked, and the verdict waits for their answers, half a second at most. Who was served there within the last half of a lease's time-to-live, and has not failed
/// since, <em>vouches</em>: then nothing is withheld. If the destination does fail for everybody, that ends with each voucher's own next request.
/// </para>
/// <para>
/// A panic threshold, as Envoy has, is not needed beside that: where nobody is served, sending more would serve nobody.
/// </para>
/// </remarks>
internal sealed class DestinationEvidence(MonotonicClock clock)
{
    /// <summary>How long a verdict waits for those who were asked.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<StoredLife, Seen> _seen = [];
    private readonly HashSet<StoredLife> _asked = [];
    private long _judgeBy = MonotonicClock.Forever;
    private long _forgetAt = MonotonicClock.Forever;

    /// <summary>Somebody has seen a failure of late, so everybody who works there is to tell.</summary>
    public bool IsSuspicious => _forgetAt != MonotonicClock.Forever;

    public long NextDue => Math.Min(_judgeBy, _forgetAt);

    /// <summary>The wait for answers is over.</summary>
    public bool IsVerdictDue(long now) => now >= _judgeBy;

    /// <summary>Takes what a life says.</summary>
    /// <param name="life">Whose report it is.</param>
    /// <param name="outcomes">What it says.</param>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="now">This instant.</param>
    /// <returns>Whether it is the first failure, so that the others should be asked; and whether it is news, so that there may be a verdict.</returns>
    public (bool IsFirst, bool IsNews) Take(StoredLife life, in DestinationOutcomes outcomes, BackendPolicy policy, long now)
    {
        var answers = _asked.Remove(life);
        var known = _seen.TryGetValue(life, out var seen);
        var streak = policy.HasOneDestination ? outcomes.ConnectStreak : outcomes.Streak;
        var failedAnew = streak > 0 && (!known || seen.Failed != outcomes.Failed);
        _seen[life] = new Seen(
            streak, outcomes.Failed, failedAnew ? now : seen.FailedAt, outcomes.ServedAgo is { } ago ? now - clock.Ticks(ago) : MonotonicClock.Never);
        if (!failedAnew)
        {
            return (false, answers);
        }

        var first = !IsSuspicious;
        _judgeBy = first ? now + clock.Ticks(Patience) : _judgeBy;
        _forgetAt = now + clock.Ticks(policy.LeaseTtl);
        return (first, true);
    }

    /// <summary>The verdict waits for this life's word.</summary>
    public void Ask(StoredLife life) => _asked.Add(life);

    /// <summary>A life is over.</summary>
    public void Forget(StoredLife life)
    {
        _asked.Remove(life);
        _seen.Remove(life);
    }

    /// <summary>The verdict.</summary>
    public bool IsFailing(BackendPolicy policy, long now)
    {
        if (!IsSuspicious || (_asked.Count > 0 && now < _judgeBy))
        {
            return false;
        }

        var served = MonotonicClock.Never;
        foreach (var seen in _seen.Values)
        {
            served = seen.Streak == 0 ? Math.Max(served, seen.ServedAt) : served;
        }

        if (served != MonotonicClock.Never && now - served < clock.Ticks(policy.LeaseTtl / 2))
        {
            return false;
        }

        long failures = 0;
        foreach (var seen in _seen.Values)
        {
            failures += seen.Streak > 0 && seen.FailedAt > served ? seen.Streak : 0;
        }

        return failures >= policy.Ejection.Failures;
    }

    /// <summary>Takes the passing of time: ends the wait for answers, and forgets what is long ago.</summary>
    public void Advance(long now)
    {
        if (now >= _judgeBy)
        {
            _judgeBy = MonotonicClock.Forever;
            _asked.Clear();
        }

        if (now >= _forgetAt)
        {
            Clear();
        }
    }

    public void Clear()
    {
        _seen.Clear();
        _asked.Clear();
        _judgeBy = _forgetAt = MonotonicClock.Forever;
    }

    private readonly record struct Seen(int Streak, long Failed, long FailedAt, long ServedAt);
}
