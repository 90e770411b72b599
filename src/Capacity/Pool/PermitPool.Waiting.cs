namespace Admission.Capacity;

/// <content>The requests that wait: enqueue, give up, expire, serve.</content>
public sealed partial class PermitPool
{
    /// <summary>
    /// How long a request of a policy without a queue waits for the ledger's word before it is refused. A pool that has been detached for so long refuses
    /// at once: a ledger that moves to another silo costs nobody a refusal, and one that stays away costs nobody a long wait.
    /// </summary>
    private static readonly TimeSpan DecisionTimeout = TimeSpan.FromSeconds(2);

    private readonly WaiterQueue _waiters = new();
    private readonly Dictionary<long, WaitingRequest> _byTicket = [];
    private readonly PriorityQueue<WaitingRequest, long> _deadlines = new();
    private long _lastTicket;

    private long NextDeadline => _deadlines.TryPeek(out _, out var deadline) ? deadline : MonotonicClock.Forever;

    /// <summary>Gives a waiting request up: its client has left. Nothing happens if it was decided in the meantime.</summary>
    /// <param name="waiter">The request.</param>
    /// <returns>What the owner has to do.</returns>
    public PoolEffects GiveUp(WaitingRequest waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        lock (_lock)
        {
            Settle();
            if (waiter.Pool != this || !waiter.IsQueued)
            {
                return default;
            }

            Withdraw(waiter);
            _gaveUp++;
            NoteLeft(waiter);
            var changes = new Changes();
            ServeWaiters(_clock.Now, ref changes);
            return Effects(changes) with { GaveUp = true };
        }
    }

    private TimeSpan WaitOf(in AdmissionRequest request)
    {
        var most = _policy.Overflow != Overflow.Wait ? DecisionTimeout : request is { IsHeld: true, MaxWait: not null } ? AdmissionRequest.LongestHeldWait : _policy.MaxWait;
        return request.MaxWait is { } own && own < most ? own : most;
    }

    private void Enqueue(in AdmissionRequest request, WaitingRequest waiter, long now)
    {
        waiter.Pool = this;
        waiter.Ticket = ++_lastTicket;
        waiter.Request = request;
        waiter.Since = _measuringTime.GetTimestamp();
        waiter.Deadline = now + _clock.Ticks(WaitOf(request));
        waiter.ReportedIn = 0;
        waiter.Arrived = AgeAt(now);
        Join(waiter);
        _byTicket.Add(waiter.Ticket, waiter);
        _deadlines.Enqueue(waiter, waiter.Deadline);
        _unacknowledged.Add(waiter);
        _demand.Observe(_permits.InUse + WaiterCount);
        _hasNewTickets = true;
    }

    /// <summary>Takes a request out of the queue; its fate is the caller's business.</summary>
    private void Remove(WaitingRequest waiter)
    {
        Part(waiter);
        _byTicket.Remove(waiter.Ticket);
        if (_deadlines.Count > 64 && _deadlines.Count > 2 * WaiterCount)
        {
            _deadlines.Clear();
            foreach (var left in _byTicket.Values)
            {
                _deadlines.Enqueue(left, left.Deadline);
            }
        }
    }

    /// <summary>Takes a request out of the queue, and its ticket out of the ledger's if it may be there.</summary>
    private void Withdraw(WaitingRequest waiter)
    {
        Remove(waiter);
        if (waiter.ReportedIn != 0)
        {
            _withdrawn.Add((waiter.Ticket, 0));
            _hasNews = true;
        }
    }

    private void ExpireWaiters(long now, ref Changes changes)
    {
        while (_deadlines.TryPeek(out var waiter, out var deadline) && deadline <= now)
        {
            _deadlines.Dequeue();
            if (waiter.IsQueued)
            {
                Withdraw(waiter);
                NoteRefused(waiter);
                changes.Decide(waiter, RefusedHere(waiter, Because(ExpiryReason), now));
            }
        }
    }

    private RefusalReason ExpiryReason => _status switch
    {
        LedgerStatus.Recovering => RefusalReason.Recovering,
        LedgerStatus.None => RefusalReason.LedgerUnreachable,
        _ when _detached => RefusalReason.LedgerUnreachable,
        _ => RefusalReason.WaitExpired,
    };

    private void RefuseAll(RefusalReason reason, ref Changes changes)
    {
        var (refusal, now) = (Because(reason), _clock.Now);
        while ((_waiters.First ?? _cappedWaiters.First) is { } waiter)
        {
            Withdraw(waiter);
            changes.Decide(waiter, RefusedHere(waiter, refusal, now));
        }
    }

    /// <summary>
    /// Serves waiting requests from idle permits, strictly from the head. A ticket that the ledger knows of is its to serve, unless
    /// the pool is detached; one that it has never seen may be served here while nobody is known to wait.
    /// </summary>
    private void ServeWaiters(long now, ref Changes changes)
    {
        while (_waiters.First is { } waiter && now < _life.LeaseEnd && (_detached || (!_contended && waiter.ReportedIn == 0)))
        {
            if (waiter.Deadline <= now || _permits.TryUse(waiter.Request.Weight) is not { } destination)
            {
                return;
            }

            Withdraw(waiter);
            NoteWait(waiter, isRecorded: false, now);
            changes.Decide(waiter, Admitted(destination, waiter.Request.Weight, waiter.Request.Tenant, now, waiter));
        }
    }
}
