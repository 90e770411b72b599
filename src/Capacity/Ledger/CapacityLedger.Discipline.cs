namespace Admission.Capacity;

/// <content>What becomes of a queue that stays long: which end is served, and who is dropped at its head.</content>
public sealed partial class CapacityLedger
{
    private readonly ControlledDelay _delay;
    private long? _queuedSince;

    /// <summary>
    /// The newest of the tenant whose turn it is is served first, because the queue has not been empty for <see cref="BackendPolicy.DelayInterval"/>: then the oldest are probably lost already.
    /// Source: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015 (adaptive LIFO).
    /// </summary>
    private bool ServesNewest(long now) =>
        _policy!.Discipline == QueueDiscipline.AdaptiveLifo && _queuedSince is { } since && now - since >= _clock.Ticks(_policy.DelayInterval);

    private QueuedTicket? NextToServe(long now) => ServesNewest(now) ? _queue.Newest : _queue.Next;

    /// <summary>All that wait can be served from what is free, or has been recalled: nobody has to go.</summary>
    private bool IsEnoughForAll
    {
        get
        {
            var (count, weight) = _queue.Servable;
            return count <= 1 || weight <= _destinations.Free + (long)_totalMayBeIdle;
        }
    }

    /// <summary>Why a ticket is refused just when its turn has come and a permit is free; None if it is served.</summary>
    private RefusalReason DroppedBecause(QueuedTicket ticket, long now)
    {
        if (IsTooLate(ticket, now))
        {
            return RefusalReason.TooLate;
        }

        return _policy!.Discipline == QueueDiscipline.CoDel
            && _delay.Drops(now, _clock.Between(ticket.Since, now), IsEnoughForAll, _policy.DelayTarget, _policy.DelayInterval)
            ? RefusalReason.QueueDelay
            : RefusalReason.None;
    }
}
