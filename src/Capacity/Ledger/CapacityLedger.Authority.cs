namespace Admission.Capacity;

/// <content>The right to grant and renew: for a time after something has confirmed that this epoch has no successor.</content>
public sealed partial class CapacityLedger
{
    private long _authorityEnd = MonotonicClock.Never;

    /// <summary>For how long the ledger may still grant and renew; zero without authority.</summary>
    public TimeSpan AuthorityLeft => SteppedDown ? TimeSpan.Zero : _clock.Until(_authorityEnd);

    /// <summary>
    /// Takes the answer to the question whether this epoch is still the highest that was claimed. It extends the authority, and nothing else: what has ended
    /// is freed only by a write.
    /// </summary>
    /// <param name="beganAt">The clock's timestamp before the question was sent. Authority counts from there, however late the answer is.</param>
    /// <param name="stillOurs">Whether it is; if not, there is a successor, and the ledger steps down.</param>
    public void EndRenewal(long beganAt, bool stillOurs)
    {
        if (!stillOurs)
        {
            SteppedDown = true;
            return;
        }

        ExtendAuthority(beganAt);
        var now = _clock.Now;
        Advance(now);
        if (!SteppedDown && HasAuthority(now))
        {
            Settle(now);
        }
    }

    private bool HasAuthority(long now) => now < _authorityEnd;

    private void ExtendAuthority(long confirmedFrom) =>
        _authorityEnd = Math.Max(_authorityEnd, confirmedFrom + _clock.Ticks(_options.AuthorityTtl));
}
