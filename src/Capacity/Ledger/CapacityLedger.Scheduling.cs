namespace Admission.Capacity;

/// <content>Who gets the permits that are free: tickets in order, then pools in proportion to their demand.</content>
public sealed partial class CapacityLedger
{
    /// <summary>How long a capacity refusal makes the other holders report a permit that becomes idle.</summary>
    private static readonly TimeSpan RefusalMemory = TimeSpan.FromSeconds(1);

    private long _contendedUntil = MonotonicClock.Never;
    private long _refusedUntil = MonotonicClock.Never;
    private long _nextRetry = MonotonicClock.Forever;
    private long _saturationEnd = MonotonicClock.Never;
    private bool _toldContended;

    /// <summary>
    /// Idle permits go back to the ledger: tickets wait, or did until just now and there are several holders, a limit was lowered below what is booked, or a trial needs one.
    /// </summary>
    private bool Contended(long now) => _queue.Next is not null || _destinations.IsOverbooked || now < _contendedUntil || TrialWantsRoom(now);

    /// <summary>Serves the queue as far as permits are free, refuses what cannot be served in time, recalls what is idle elsewhere.</summary>
    private void Settle(long now)
    {
        if (_policy is null)
        {
            return;
        }

        if (!Recovering)
        {
            ServeQueue(now);
        }

        NoteUseOfLimit();
        if (RefuseOverflow(now) && !Recovering)
        {
            // The first ticket may have been the one too many, and the next one be lighter.
            ServeQueue(now);
        }

        _queuedSince = _queue.Next is null ? null : _queuedSince ?? now;
        HoldLimit(NextToServe(now));

        if (_accounts.Count > 1 && _policy.Waiting > 0 && _queue.Next is not null)
        {
            _contendedUntil = now + _clock.Ticks(_options.ContentionHold);
        }

        var contended = Contended(now);
        if (contended && !_toldContended)
        {
            Recall(now);
        }

        _toldContended = contended;
        NoteSaturation(now);
        TakeSaturationBack(now);
        TakeLateBack(now);
    }

    private void ServeQueue(long now)
    {
        while (NextToServe(now) is { } ticket)
        {
            HoldLimit(ticket);
            if (ticket.Deadline <= now)
            {
                Refuse(ticket, RefusalReason.WaitExpired, now);
            }
            else if (ticket.Request.Weight > _policy!.LargestGrant && _policy.TotalLimit > 0)
            {
                Refuse(ticket, RefusalReason.WeightAboveLimit, now);
            }
            else if (TryTrial(ticket, now))
            {
                // It decides for the others.
            }
            else if (_destinations.IsRestricted && ticket.Request.Weight > _destinations.LargestOpen && _policy.TotalLimit > 0)
            {
                Refuse(ticket, RefusalReason.NoDestination, now);
            }
            else if (_destinations.Pick(ticket.Request.Weight) is not { } destination)
            {
                return;
            }
            else if (DroppedBecause(ticket, now) is var reason and not RefusalReason.None)
            {
                Refuse(ticket, reason, now);
            }
            else
            {
                Serve(ticket, destination, now);
            }
        }
    }

    /// <summary>Takes a ticket out of the queue, charges its tenant and its priority, and grants it.</summary>
    private void Serve(QueuedTicket ticket, LedgerDestination destination, long now)
    {
        NoteWait(ticket, now);
        _queue.Serve(ticket);
        ticket.Account.Tickets.Remove(ticket.Request.Id);
        Grant(ticket, destination);
        Notify(ticket.Account);
    }

    private void Grant(QueuedTicket ticket, LedgerDestination destination)
    {
        ticket.Account.Grant(ticket, destination);
        ticket.Account.Booked += ticket.Request.Weight;
        BookGrantOfTenant(ticket);
        _destinations.Book(destination, ticket.Request.Weight);
    }

    private void GrantBlock(HolderAccount account, LedgerDestination destination, int permits)
    {
        account.GrantBlock(destination, permits);
        account.Booked += permits;
        _destinations.Book(destination, permits);
        account.Idle += permits;
        _totalIdle += permits;
        Expect(account, account.MayBeIdle + permits);
    }

    private void Refuse(QueuedTicket ticket, RefusalReason reason, long now)
    {
        var ahead = AheadOf(ticket);
        Dequeue(ticket);
        var occupancy = reason == RefusalReason.NoDestination ? Occupancy with { RetryAfter = UntilTrial } : Occupancy;
        NoteRefusal(ticket, reason, ahead, occupancy, now);
        ticket.Account.Refuse(ticket.Request.Id, new Refusal(reason, occupancy));
        Notify(ticket.Account);
        if (reason.IsWantOfCapacity())
        {
            _refusedUntil = now + _clock.Ticks(RefusalMemory);
        }
    }

    /// <summary>
    /// Grants a pool a block of permits for future arrivals, while there is room and nobody waits: up to one and a half times its recent demand and one,
    /// but no more than its share (<see cref="ShareOf"/>), and none of the <see cref="Reserve"/>.
    /// </summary>
    private void GiveHeadroom(HolderAccount account, long now)
    {
        if (Recovering || account.Leaving || Contended(now) || account.Superseded)
        {
            return;
        }

        OfferTrial(account, now);
        var wanted = Math.Min(Allowance(account, now) - account.Booked, FreeForHeadroom);
        while (wanted > 0 && _destinations.Pick(1) is { } destination)
        {
            // One destination at a time in even parts, so that a block is spread over all of them.
            var even = Math.Max(1, wanted / Math.Max(1, _destinations.All.Count));
            var permits = Math.Min(Math.Min(even, wanted), destination.Free);
            GrantBlock(account, destination, permits);
            wanted -= permits;
        }
    }

    /// <summary>How many permits a pool may hold while some of them are idle.</summary>
    private int Allowance(HolderAccount account, long now)
    {
        if (Contended(now) || account.Demand <= 0 || account.Leaving)
        {
            return 0;
        }

        var wanted = account.Demand + ((long)account.Demand / 2) + 1;
        return (int)Math.Min(wanted, ShareOf(account));
    }

    /// <summary>Tells every holder that may have idle permits that tickets wait.</summary>
    private void Recall(long now)
    {
        foreach (var account in _accounts.Values)
        {
            if (account.MayBeIdle > 0 && !account.ToldContended)
            {
                Notify(account);
            }
        }

        RetryPushesSoon(now);
    }

    /// <summary>Tells the holders that refuse without asking that they need not, if they would go on for a while.</summary>
    private void TakeSaturationBack(long now)
    {
        if (now >= _saturationEnd || SaturatedFor > TimeSpan.Zero)
        {
            return;
        }

        _saturationEnd = MonotonicClock.Never;
        foreach (var account in _accounts.Values)
        {
            if (account.ToldSaturatedUntil > now)
            {
                Notify(account);
            }
        }
    }

    /// <summary>Pushes again what was not answered or acknowledged: pushes are best effort.</summary>
    private void RetryPushes(long now)
    {
        if (now < _nextRetry)
        {
            return;
        }

        _nextRetry = MonotonicClock.Forever;
        var contended = Contended(now);
        var stale = now - _clock.Ticks(_options.PushRetry);
        foreach (var account in _accounts.Values)
        {
            var unanswered = account.Unacknowledged.Count > 0 || (contended && account.MayBeIdle > 0) || account.HealthUnheard;
            if (unanswered && !account.Superseded)
            {
                RetryPushesSoon(now);
                if (account.LastMessageAt <= stale)
                {
                    Notify(account);
                }
            }
        }
    }

    private void RetryPushesSoon(long now) => _nextRetry = Math.Min(_nextRetry, now + _clock.Ticks(_options.PushRetry));
}
