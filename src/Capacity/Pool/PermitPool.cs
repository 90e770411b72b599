namespace Admission.Capacity;

/// <summary>
/// The state machine inside a holder: its permits for one backend and the requests that wait for one. Pure: calls in,
/// <see cref="PoolEffects"/> and reports out; no I/O, no timers. The owner carries the messages and calls <see cref="Tick"/>.
/// </summary>
/// <remarks>
/// <para>
/// Thread-safe. One lock guards everything; no callback runs inside it. Two things need no lock while nothing changes: a refusal by a notice (<c>.Refusing</c>), and a permit that comes back (<c>.Returning</c>).
/// </para>
/// <para>
/// A request that finds an idle permit is admitted in memory, while the ledger allows idle permits and nobody waits. Otherwise it becomes a
/// ticket that travels with the next report, and the ledger decides. While tickets wait anywhere (<see cref="LedgerMessage.Contended"/>), a released
/// permit goes back to the ledger and is not reused here, so that the queue of the whole cluster is served in its order.
/// </para>
/// <para>
/// While the ledger cannot be reached the pool is <em>detached</em>: it serves its own waiting requests, in their order, from its own
/// permits, until its lease runs out. Then its life is over: everything it held belongs to the past, and the next life begins with nothing.
/// </para>
/// <para>
/// Files: <c>.Exchange</c> makes the reports, <c>.Messages</c> takes what the ledger says, <c>.Admitting</c> uses permits, <c>.Returning</c> takes them back, <c>.Waiting</c> has the waiting requests, <c>.Tenants</c> whose they are, <c>.Refusing</c> the
/// refusals that need no ledger, <c>.Late</c> those for whom it would be too late, <c>.Patience</c> how long clients stay, <c>.Outcomes</c> how work ends at destinations, <c>.Explaining</c> remembers why it decided,
/// <c>.Leases</c> permits that become leases of programs, <c>.State</c> what others may look at.
/// </para>
/// </remarks>
public sealed partial class PermitPool
{
    /// <summary>An exchange in flight for so long counts as lost: the pool detaches. Less than the call's own time-out.</summary>
    private static readonly TimeSpan DetachAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>The shortest time between two measured permits, so that a fast backend is not slowed by reading the clock.</summary>
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(1);

    /// <summary>A pool that has nothing and was not used for so long stops reporting, until it is used again.</summary>
    private static readonly TimeSpan QuietAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeProvider _measuringTime;
    private readonly MonotonicClock _clock;
    private readonly string _holder;
    private readonly long _sampleTicks;
    private readonly PoolDemand _demand;

    private BackendPolicy _policy;
    private PoolPermits _permits;
    private HolderLife _life;
    private bool _detached;
    private long _detachedAt;
    private long _lastAnswer;
    private bool _leaving;
    private long _lastUse;
    private long _lastSample = MonotonicClock.Never;
    private long _sampled;
    private TimeSpan _sampledTime;
    private WorkSpread _spread;

    // What the newest message of the ledger said.
    private LedgerStatus _status;
    private int _allowance;
    private bool _contended;
    private bool _reportIdle;
    private long _saturatedUntil = MonotonicClock.Never;
    private Refusal? _saturated;
    private Refusal? _saturatedTenant;
    private SaturationScope _saturationScope;
    private Occupancy _occupancy;

    /// <summary>Creates the pool of one holder for one backend, without permits.</summary>
    /// <param name="holder">The holder's id, unique in the cluster; 1 to 200 characters.</param>
    /// <param name="incarnation">The number of its first life; higher than any earlier one of the same id, at least 1.</param>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="time">The clock of leases and deadlines; read for each request, so it may be coarse.</param>
    /// <param name="measuringTime">The clock that measures how long permits are in use; null for the same.</param>
    public PermitPool(string holder, long incarnation, BackendPolicy policy, TimeProvider time, TimeProvider? measuringTime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(holder);
        ArgumentOutOfRangeException.ThrowIfLessThan(incarnation, 1);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(time);
        _holder = holder;
        _tag = TicketId.TagOf(holder);
        _policy = policy;
        _tenants = new TenantRules(policy);
        _time = time;
        _measuringTime = measuringTime ?? time;
        _clock = new MonotonicClock(time);
        _sampleTicks = _clock.Ticks(SampleEvery);
        _life = new HolderLife(incarnation, _clock);
        _permits = _life.Permits;
        _created = _lastUse = _lastAnswer = _clock.Now;
        _secondsPerTick = 1.0 / time.TimestampFrequency;
        _demand = new PoolDemand(_clock.Ticks(TimeSpan.FromSeconds(1)), _lastUse);
        _occupancy = new Occupancy(policy.TotalLimit, 0, 0, TimeSpan.FromSeconds(1));
    }

    /// <summary>Decides a request if that is possible at once, without allocating.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="result">Admitted or refused.</param>
    /// <returns>False when the request has to wait: call <see cref="Acquire"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    public bool TryAcquire(in AdmissionRequest request, out PoolResult result)
    {
        ThrowIfMistaken(request);
        if (_standing is { } notice && TryRefuse(notice, request, out result))
        {
            return true;
        }

        lock (_lock)
        {
            // Not before: who has waited for the lock may have lost the lease meanwhile.
            var now = _clock.Now;
            BookReturned();
            if (TryAdmit(request, now, out result))
            {
                if (_lookAgain)
                {
                    LetReturnUnlocked();
                }

                return true;
            }

            // A pool that has gone quiet must look for the ledger again, which only Acquire can tell the owner.
            if (!IsQuiet && RefusalFor(request, now) is { } refusal)
            {
                result = Refused(refusal);
                LetNoticeStand(now);
                return true;
            }

            result = default;
            return false;
        }
    }

    /// <summary>Decides a request at once, or lets it wait.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="waiter">Is told the decision if the request has to wait; used for nothing else.</param>
    /// <param name="effects">What the owner has to do.</param>
    /// <returns>Admitted, refused, or waiting.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    public PoolResult Acquire(in AdmissionRequest request, WaitingRequest waiter, out PoolEffects effects)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        ThrowIfMistaken(request);
        lock (_lock)
        {
            Settle();
            var now = _clock.Now;
            var changes = new Changes();
            CheckLease(now, ref changes);
            if (TryAdmit(request, now, out var result))
            {
                effects = Effects(changes);
                if (_lookAgain)
                {
                    LetReturnUnlocked();
                }

                return result;
            }

            if (IsQuiet)
            {
                // What the ledger last said, or that it said nothing, is old: ask again before refusing for it.
                _lastUse = now;
                _hasNews = true;
                _detached = false;
                _status = _status == LedgerStatus.TooManyHolders ? LedgerStatus.None : _status;
            }

            if (RefusalFor(request, now) is { } refusal)
            {
                effects = Effects(changes);
                return Refused(refusal);
            }

            _lastUse = now;
            Enqueue(request, waiter, now);
            effects = Effects(changes);
            return new PoolResult(PoolAnswer.Waiting, null);
        }
    }

    /// <summary>Takes the passing of time: ends an expired life, refuses who has waited too long, notices a silent ledger.</summary>
    /// <returns>What the owner has to do; begin an exchange when it says so.</returns>
    public PoolEffects Tick()
    {
        lock (_lock)
        {
            Settle();
            var now = _clock.Now;
            var changes = new Changes();
            CheckLease(now, ref changes);
            ExpireWaiters(now, ref changes);
            ExpireHandOvers(now);
            _saturatedUntil = now >= _saturatedUntil ? MonotonicClock.Never : _saturatedUntil;
            if (now >= _parkedUntil)
            {
                UnparkAll();
                ServeWaiters(now, ref changes);
            }

            if (!_detached && _inFlight && now - _lastBegin >= _clock.Ticks(DetachAfter))
            {
                Detach(now, ref changes);
            }

            if (!_inFlight && (now >= ExchangeDue || now >= IdleTrialEnd))
            {
                _hasNews = true;
            }

            return Effects(changes);
        }
    }

    /// <summary>How long until <see cref="Tick"/> has something to do; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public TimeSpan NextTick
    {
        get
        {
            lock (_lock)
            {
                BookReturned();
                var next = Math.Min(Math.Min(Math.Min(NextDeadline, _handOverDue), _parkedUntil), _inFlight ? MonotonicClock.Forever : Math.Min(ExchangeDue, IdleTrialEnd));
                if (_life.LeaseEnd != MonotonicClock.Never)
                {
                    next = Math.Min(next, _life.LeaseEnd);
                }

                if (_saturatedUntil != MonotonicClock.Never)
                {
                    next = Math.Min(next, _saturatedUntil);
                }

                if (_inFlight && !_detached)
                {
                    next = Math.Min(next, _lastBegin + _clock.Ticks(DetachAfter));
                }

                return _clock.Until(next);
            }
        }
    }

    /// <summary>Puts a changed policy in force here. The ledger learns of it on its own way.</summary>
    /// <param name="policy">The whole policy.</param>
    /// <returns>What the owner has to do.</returns>
    public PoolEffects ChangePolicy(BackendPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        lock (_lock)
        {
            Settle();
            _policy = policy;
            _tenants = new TenantRules(policy);
            _noticeInForce = null;
            return Effects(default);
        }
    }

    /// <summary>
    /// Begins to leave: refuses what waits and what comes, gives idle permits back, and the rest as it is released. The owner goes on
    /// exchanging until <see cref="HasLeft"/>.
    /// </summary>
    /// <returns>What the owner has to do.</returns>
    public PoolEffects Leave()
    {
        lock (_lock)
        {
            Settle();
            var changes = new Changes();
            _leaving = true;
            _hasNews = true;
            RefuseAll(RefusalReason.ShuttingDown, ref changes);
            return Effects(changes);
        }
    }

    private static void ThrowIfMistaken(in AdmissionRequest request)
    {
        if (!request.IsPossible)
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.Mistake);
        }
    }

    /// <summary>Ends the life whose lease has run out: nothing of it may be carried to another ledger.</summary>
    private void CheckLease(long now, ref Changes changes)
    {
        if (_life.LeaseEnd != MonotonicClock.Never && now >= _life.LeaseEnd)
        {
            BeginLife(ref changes);
        }
    }

    private void BeginLife(ref Changes changes)
    {
        if (_permits.InUse > 0)
        {
            changes.LostLife = _life;
        }

        _leasesLost += _permits.Held > 0 ? 1 : 0;
        _life.LeaseEnd = MonotonicClock.Never;
        _admittedBefore += _permits.Admitted;
        _life = new HolderLife(_life.Incarnation + 1, _clock);
        _permits = _life.Permits;
        _capped = new CappedPermits();
        _idleTrials = 0;
        _parkedUntil = MonotonicClock.Forever;
        _sampled = 0;
        _sampledTime = TimeSpan.Zero;
        _clients = null;
        _tenantClients = null;
        _runTimeouts = 0;
        _spread = default;
        _withdrawn.Clear();
        _leftIn = 0;
        LoseHandOvers();
        ForgetLedger();
    }

    /// <summary>Ends a call that has changed something: the next refusal looks again.</summary>
    private PoolEffects Effects(in Changes changes)
    {
        _standing = null;
        return new() { WantsExchange = HasNews && !_inFlight, Decided = changes.Decided, LostLife = changes.LostLife, HasLeases = _decidedLeases is not null };
    }

    /// <summary>What one call has changed, gathered under the lock for the owner to act on outside it.</summary>
    private struct Changes
    {
        public List<DecidedRequest>? Decided;
        public HolderLife? LostLife;

        public void Decide(WaitingRequest request, in PoolResult result) => (Decided ??= []).Add(new DecidedRequest(request, result));
    }
}
