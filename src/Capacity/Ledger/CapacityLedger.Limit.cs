namespace Admission.Capacity;

/// <content>A limit that finds itself, from what all holders report.</content>
/// <remarks>
/// The limit in force is that of <see cref="LimitFinder"/>, never above the policy's. Lowering it admits nothing new until the number in use has fallen below it, as
/// with any limit. One ticket may need more permits than were found to be good; when it is its turn the limit is as high as its weight, so that it runs alone and the
/// queue does not stand still for ever.
/// </remarks>
public sealed partial class CapacityLedger
{
    private LimitFinder? _limit;

    /// <summary>Begins to find a limit, if the policy in force wants that, from where one was found before.</summary>
    private void ConfigureLimit(LearnedLimit? learned)
    {
        if (_policy?.Adaptive is not { } settings)
        {
            _limit = null;
        }
        else if (_limit is null || _limit.Settings != settings || _limit.Most != _policy.TotalLimit)
        {
            _limit = new LimitFinder(settings, _policy.TotalLimit, _clock, learned);
        }

        HoldLimit(null);
    }

    /// <summary>Tells the finder what a life has finished since its last report to this ledger.</summary>
    private void FindLimit(HolderAccount account, HolderReport report)
    {
        if (_limit is null)
        {
            // What was measured before it is switched on again is old.
            account.Measured = null;
            return;
        }

        var (work, spread) = (report.Work, report.Spread);
        if (account.Measured is var (formerWork, formerSpread, since))
        {
            _limit.Add(new WorkSum(
                Math.Max(0, work.Completed - formerWork.Completed),
                Math.Max(0, work.Sampled - formerWork.Sampled),
                Math.Max(0, (work.SampledTime - formerWork.SampledTime).TotalSeconds),
                Math.Max(0, spread.SquaredSeconds - formerSpread.SquaredSeconds),
                Math.Max(0, spread.Overloaded - formerSpread.Overloaded)),
                since);
        }

        account.Measured = (work, spread, _clock.Now);
    }

    /// <summary>Holds the backend to what was found, or to the weight of the ticket that is next.</summary>
    private void HoldLimit(QueuedTicket? next) =>
        _destinations.Hold(_limit is null ? int.MaxValue : Math.Max(_limit.Limit, next?.Request.Weight ?? 0));

    /// <summary>How many permits are in use; and with a ticket that waits, and no permit that may be idle anywhere, the limit is used.</summary>
    private void NoteUseOfLimit()
    {
        if (_limit is null)
        {
            return;
        }

        _limit.InUse(_destinations.Booked - _totalIdle);
        if (_totalMayBeIdle == 0 && _queue.Next is { } next && IsLimitUsed(next.Request.Weight))
        {
            _limit.Reached();
        }
    }

    /// <summary>It is the limit that leaves no room for so many permits, and not a destination that is withheld, or a pause.</summary>
    private bool IsLimitUsed(int permits) => !_destinations.IsPaused && _destinations.Whole - _destinations.Booked < permits;

    private LimitDescription? DescribeLimit() => _limit is null ? null : new LimitDescription(
        _limit.Settings.Algorithm, _limit.Settings.Min, _limit.Most, _limit.UnloadedTime, Math.Min(_destinations.Most, _limit.Limit));
}
