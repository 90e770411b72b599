namespace Admission.Capacity;

/// <summary>
/// One destination's way from its first failure back to its full share: in service, withheld, trial, slow start. Knows nothing of accounts and messages; the ledger
/// asks it what may be sent, and tells it what its holders report.
/// </summary>
/// <remarks>
/// <para>
/// <em>Withheld</em> after so many failures in a row (<see cref="EjectionPolicy.Failures"/>) over all holders, without a success between them that anybody reported, unless
/// somebody else has just been served there: see <see cref="DestinationEvidence"/>. The pause doubles from trial to trial, and from one ejection to the next if that
/// comes within the last pause or slow start after the return.
/// </para>
/// <para>
/// <em>Trial</em>: after the pause exactly one request of the whole cluster goes there and decides. If it says nothing (its client left, its holder gave the permit back or was lost),
/// there is another one after the shortest pause.
/// </para>
/// <para>
/// <em>Slow start</em>: 10, 25 and 50 % of the limit for a third of the policy's time each, at least one permit; then all.
/// </para>
/// <para>
/// Sources: the failure accrual of Finagle (consecutive failures, growing pauses, a probe that decides) and the outlier detection of Envoy (consecutive failures of the local
/// origin, ejection times that grow with repetition; slow start mode). Both judge in each proxy for itself.
/// </para>
/// </remarks>
internal sealed class DestinationHealth(MonotonicClock clock)
{
    private static readonly int[] Steps = [10, 25, 50, 100];

    private TimeSpan _pause;
    private long _began;
    private long _duration;
    private long _returnedAt = MonotonicClock.Never;
    private long _forgetAfter;
    private long _overdueAt;
    private bool _wasDue;
    private bool _wasOverdue;

    public DestinationCondition Condition { get; private set; } = DestinationCondition.InService;

    /// <summary>Who has seen what; kept while it is in service or in its slow start.</summary>
    public DestinationEvidence Evidence { get; } = new(clock);

    /// <summary>How much of the limit may be granted, in percent.</summary>
    public int Share { get; private set; } = 100;

    /// <summary>Nothing but a trial may be sent there.</summary>
    public bool IsWithheld => Condition is DestinationCondition.Withheld or DestinationCondition.Trial;

    /// <summary>The trial under way; 0 for none.</summary>
    public long Trial { get; private set; }

    /// <summary>The life that has the permit of the trial.</summary>
    public StoredLife TrialLife { get; private set; }

    /// <summary>The decision that granted it; 0 if a predecessor of this ledger did.</summary>
    public long TrialDecision { get; private set; }

    /// <summary>When a trial may begin, or the slow start ends.</summary>
    public long Until { get; private set; } = MonotonicClock.Forever;

    public TimeSpan Pause => _pause;

    /// <summary>Its last trial said nothing, because no request could use its permit: requests that wait for an answer come first.</summary>
    public bool WasUndecided { get; private set; }

    /// <summary>A trial may begin.</summary>
    public bool IsDue(long now) => Condition == DestinationCondition.Withheld && now >= Until;

    /// <summary>A trial may have begun for as long as the shortest pause, and no request has come that could wait for an answer.</summary>
    public bool IsOverdue(long now) => Condition == DestinationCondition.Withheld && now >= _overdueAt;

    /// <summary>When <see cref="Advance"/> next has something to do.</summary>
    public long NextDue => Condition switch
    {
        DestinationCondition.Withheld => _wasOverdue ? MonotonicClock.Forever : _wasDue ? _overdueAt : Until,
        DestinationCondition.SlowStart => Math.Min(NextStep, Evidence.NextDue),
        DestinationCondition.InService => Evidence.NextDue,
        _ => MonotonicClock.Forever,
    };

    private long NextStep
    {
        get
        {
            var step = Array.IndexOf(Steps, Share);
            return _began + (_duration * (step + 1) / (Steps.Length - 1));
        }
    }

    /// <summary>Withholds it: it has failed while in service or in its slow start, or has failed its trial.</summary>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="now">This instant.</param>
    public void Withhold(BackendPolicy policy, long now)
    {
        var (shortest, longest) = (policy.Ejection.ShortestPause, policy.Ejection.LongestPause);
        var again = Condition == DestinationCondition.Trial || (_returnedAt != MonotonicClock.Never && now - _returnedAt < _forgetAfter);
        _pause = !again || policy.HasOneDestination || _pause < shortest ? shortest : _pause < longest / 2 ? _pause * 2 : longest;
        WasUndecided = false;
        WithholdUntil(now + clock.Ticks(_pause), policy);
    }

    /// <summary>Its trial, or its only permit, goes out.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="life">Who gets it.</param>
    /// <param name="decision">The decision that grants it.</param>
    public void BeginTrial(long number, StoredLife life, long decision)
    {
        Condition = DestinationCondition.Trial;
        Until = MonotonicClock.Forever;
        (Trial, TrialLife, TrialDecision) = (number, life, decision);
    }

    /// <summary>The trial has ended without saying anything.</summary>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="now">This instant.</param>
    public void TryAgain(BackendPolicy policy, long now)
    {
        WasUndecided = true;
        WithholdUntil(now + clock.Ticks(policy.Ejection.ShortestPause), policy);
    }

    /// <summary>The trial was served: it comes back, in steps if the policy says so.</summary>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="now">This instant.</param>
    public void Return(BackendPolicy policy, long now)
    {
        _returnedAt = now;
        WasUndecided = false;
        _forgetAfter = Math.Max(clock.Ticks(_pause), clock.Ticks(policy.EffectiveSlowStart));
        ClearTrial();
        BeginSlowStart(clock.Ticks(policy.EffectiveSlowStart), now);
    }

    /// <summary>Takes the passing of time.</summary>
    /// <returns>Whether what may be sent there has changed.</returns>
    public bool Advance(long now)
    {
        _wasDue |= IsDue(now);
        _wasOverdue |= IsOverdue(now);
        if (Condition != DestinationCondition.SlowStart)
        {
            return false;
        }

        var before = Share;
        while (Condition == DestinationCondition.SlowStart && now >= NextStep)
        {
            Share = Steps[Array.IndexOf(Steps, Share) + 1];
            if (Share == 100)
            {
                Condition = DestinationCondition.InService;
                Until = MonotonicClock.Forever;
            }
        }

        return Share != before;
    }

    /// <summary>Takes over what a predecessor knew.</summary>
    /// <param name="handed">What it left.</param>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="now">This instant.</param>
    public void Resume(HandedHealth handed, BackendPolicy policy, long now)
    {
        _pause = handed.Pause;
        switch (handed.Condition)
        {
            case DestinationCondition.Withheld:
                WithholdUntil(now + clock.Ticks(handed.Left), policy);
                break;
            case DestinationCondition.Trial:
                WithholdUntil(now, policy);
                BeginTrial(handed.Trial, handed.TrialLife, 0);
                break;
            case DestinationCondition.SlowStart:
                _returnedAt = now;
                _forgetAfter = Math.Max(clock.Ticks(_pause), clock.Ticks(handed.Left));
                // What is left, from its first step: less, never more, than the predecessor would have sent.
                BeginSlowStart(clock.Ticks(handed.Left), now);
                break;
        }
    }

    private void WithholdUntil(long until, BackendPolicy policy)
    {
        Condition = DestinationCondition.Withheld;
        Share = 0;
        Until = until;
        _overdueAt = until + clock.Ticks(policy.Ejection.ShortestPause);
        _wasDue = _wasOverdue = false;
        ClearTrial();
        Evidence.Clear();
    }

    private void BeginSlowStart(long duration, long now)
    {
        (_began, _duration) = (now, duration);
        Condition = duration > 0 ? DestinationCondition.SlowStart : DestinationCondition.InService;
        Share = duration > 0 ? Steps[0] : 100;
        Until = duration > 0 ? now + duration : MonotonicClock.Forever;
    }

    private void ClearTrial() => (Trial, TrialLife, TrialDecision) = (0, default, 0);
}
