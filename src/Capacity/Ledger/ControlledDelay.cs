namespace Admission.Capacity;

/// <summary>
/// Controlled delay (CoDel): a queue may be long for a moment, but while its delay has not once been below a target for an interval, tickets are dropped at its head, more and
/// more often: after the interval, and then each interval / √n after the one before, n being their number. Once a delay is below the target it stops.
/// </summary>
/// <remarks>
/// Source: K. Nichols and V. Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012, in the form of RFC 8289 section 5: the last ticket is never dropped, and dropping
/// that begins again within 16 intervals takes up the rate that it had reached.
/// </remarks>
internal sealed class ControlledDelay(MonotonicClock clock)
{
    private const int Remembered = 16;

    private long _aboveUntil = MonotonicClock.Never;
    private long _dropNext = MonotonicClock.Never;
    private bool _dropping;
    private long _count;
    private long _formerCount;

    /// <summary>Decides over the ticket that is about to be served. Ask again for the next one if this one is dropped.</summary>
    /// <param name="now">This instant.</param>
    /// <param name="delay">How long the ticket has waited.</param>
    /// <param name="isLast">Nothing else waits.</param>
    /// <param name="target">The delay that a queue may have for ever.</param>
    /// <param name="interval">How long it may be longer.</param>
    /// <returns>Whether it is refused instead.</returns>
    public bool Drops(long now, TimeSpan delay, bool isLast, TimeSpan target, TimeSpan interval)
    {
        if (delay < target || isLast)
        {
            _aboveUntil = MonotonicClock.Never;
            _dropping = false;
            return false;
        }

        if (_aboveUntil == MonotonicClock.Never)
        {
            _aboveUntil = now + clock.Ticks(interval);
        }

        if (now < _aboveUntil)
        {
            _dropping = false;
            return false;
        }

        if (_dropping)
        {
            if (now < _dropNext)
            {
                return false;
            }

            _count++;
            _dropNext += clock.Ticks(interval / Math.Sqrt(_count));
            return true;
        }

        var reached = _count - _formerCount;
        var isRecent = _dropNext != MonotonicClock.Never && now - _dropNext < Remembered * clock.Ticks(interval);
        _dropping = true;
        _count = reached > 1 && isRecent ? reached : 1;
        _formerCount = _count;
        _dropNext = now + clock.Ticks(interval / Math.Sqrt(_count));
        return true;
    }
}
