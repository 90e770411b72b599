namespace Admission.Simulation;

/// <summary>
/// A holder: one process after another under one id, each with a pool. Carries the pool's messages and starts the work it admits;
/// admission and dispatch are one step.
/// </summary>
internal sealed partial class Holder
{
    /// <summary>How late a process's timer may be.</summary>
    private const long TimerSlack = 2 * Timeline.Millisecond;

    private readonly World _world;
    private readonly List<SimRequest> _waiting = [];
    private readonly List<Work> _working = [];
    private long _exchange;
    private bool _inFlight;
    private bool _beginsLater;
    private long _notBefore;
    private long _nextTick = long.MaxValue;

    public Holder(World world, int index)
    {
        _world = world;
        Index = index;
        Id = $"h{index}";
        Clock = world.NewClock();
        Pool = null!;
    }

    public int Index { get; }

    public string Id { get; }

    /// <summary>Which process of this holder it is; events of an earlier one are ignored.</summary>
    public int Process { get; private set; }

    public ProcessClock Clock { get; private set; }

    public PermitPool Pool { get; private set; }

    public bool IsAlive { get; private set; }

    public bool IsLeaving { get; private set; }

    public long PausedUntil { get; set; }

    /// <summary>The activation that it sends its reports to.</summary>
    public int Route { get; set; }

    public BackendPolicy Policy { get; private set; } = null!;

    public int Idle { get; private set; }

    public IReadOnlyList<SimRequest> Waiting => _waiting;

    public IReadOnlyList<Work> Working => _working;

    public void Start(BackendPolicy policy)
    {
        var life = Pool is null ? 1 : Pool.Life.Incarnation + _world.Random.Between(1, 1000);
        Process++;
        Clock = _world.NewClock();
        Policy = policy;
        Pool = new PermitPool(Id, life, policy, _world.Tamper.PoolClock(this, Clock));
        IsAlive = true;
        IsLeaving = false;
        PausedUntil = 0;
        _inFlight = _beginsLater = false;
        _notBefore = 0;
        _nextTick = long.MaxValue;
        _world.Trace.Add(_world.Now, "holder starts", Index, life);
        Observe();
    }

    /// <summary>The process is gone, with everything in memory. Work that the backend does not notice as abandoned goes on.</summary>
    public void End(string how)
    {
        _world.Trace.Add(_world.Now, how, Index, Pool.Life.Incarnation);
        IsAlive = false;
        foreach (var request in _waiting)
        {
            _world.Forget(request);
        }

        _waiting.Clear();
        foreach (var work in _working)
        {
            work.IsReleased = true;
            if (work.IsInside && (work.IsProbe || _world.Random.Chance(_world.Scenario.BackendNotices)))
            {
                _world.LeaveBackend(work);
            }
        }

        _working.Clear();
        _world.Idle -= Idle;
        Idle = 0;
        _world.Checks.HolderEnded(this);
    }

    public void Arrive(SimRequest request)
    {
        // As the client does: without a waiter first.
        PoolEffects effects = default;
        var result = Pool.TryAcquire(request.Asked, out var atOnce) ? atOnce : Pool.Acquire(request.Asked, request, out effects);
        switch (result.Answer)
        {
            case PoolAnswer.Waiting:
                request.Place = _waiting.Count;
                _waiting.Add(request);
                _world.WaitingCount++;
                if (_world.Random.Chance(_world.Scenario.Impatience) && !request.IsProbe)
                {
                    _world.Events.Add(_world.Now + _world.Random.Exponential(Policy.MaxWait.Ticks / 4), EventKind.ClientLeaves, Index, 0, request);
                }

                break;
            case PoolAnswer.Admitted:
                _world.Checks.AdmittedAtOnce(this, request);
                Admit(request, result.Permit);
                break;
            default:
                _world.Checks.Refused(this, request, result.Refusal!, atOnce: true);
                request.IsDecided = true;
                break;
        }

        Follow(effects);
    }

    public void ClientLeaves(SimRequest request)
    {
        if (request.IsDecided || request.Process != Process)
        {
            return;
        }

        _world.Trace.Add(_world.Now, "client leaves", Index, request.Ticket);
        RemoveWaiting(request);
        _world.Departures++;
        Follow(Pool.GiveUp(request));
    }

    /// <summary>The client of a request in the backend has left, and the work goes on.</summary>
    public void ClientGone(Work work)
    {
        if (work.Process == Process && !work.IsReleased)
        {
            _world.Departures++;
            Pool.ClientLeft(work.Permit);
        }
    }

    /// <summary>The backend has answered, or has noticed that nobody listens.</summary>
    public void Release(Work work)
    {
        if (work.IsReleased)
        {
            return;
        }

        work.IsReleased = true;
        var last = _working[^1];
        _working[work.Place] = last;
        last.Place = work.Place;
        _working.RemoveAt(_working.Count - 1);
        _world.Trace.Add(_world.Now, "released", Index, work.Destination);
        _world.Checks.Health.Ended(work);
        Follow(Pool.Release(work.Permit, work.Outcome));
    }

    public void Tick(long number)
    {
        if (number != _nextTick)
        {
            return;
        }

        _nextTick = long.MaxValue;
        Follow(Pool.Tick());
    }

    public void ChangePolicy(BackendPolicy policy)
    {
        Policy = policy;
        Follow(Pool.ChangePolicy(policy));
    }

    public void Leave()
    {
        IsLeaving = true;
        _world.Trace.Add(_world.Now, "holder leaves", Index);
        Follow(Pool.Leave());
    }

    /// <summary>Does what the pool asks of its owner.</summary>
    public void Follow(in PoolEffects effects)
    {
        if (effects.LostLife is { } lost)
        {
            LoseLife(lost);
        }

        if (effects.Decided is { } decided)
        {
            foreach (var (request, result) in decided)
            {
                Decide((SimRequest)request, result);
            }
        }

        foreach (var (lease, outcome) in effects.HasLeases ? Pool.TakeLeases() : [])
        {
            _world.Leases.Decided((SimLease)lease, outcome);
        }

        if (effects.WantsExchange)
        {
            BeginExchange();
        }

        Observe();
    }

    private void Decide(SimRequest request, in PoolResult result)
    {
        if (request.IsDecided)
        {
            throw _world.Broken("P7", $"ticket {request.Ticket} of {Id} was decided twice.");
        }

        RemoveWaiting(request);
        if (result.Answer == PoolAnswer.Admitted)
        {
            _world.Checks.AdmittedAfterWaiting(this, request);
            Admit(request, result.Permit);
        }
        else
        {
            _world.Checks.Refused(this, request, result.Refusal!, atOnce: false);
        }
    }

    private void RemoveWaiting(SimRequest request)
    {
        request.IsDecided = true;
        _world.WaitingCount--;
        // In order of arrival, because the checks look for the first.
        _waiting.RemoveAt(_waiting.IndexOf(request));
    }

    private void Admit(SimRequest request, in Permit permit)
    {
        request.IsDecided = true;
        if (request.IsForLease)
        {
            _world.Leases.Begin(this, request, permit);
            return;
        }

        var work = new Work
        {
            Holder = Index, Process = Process, Permit = permit, Weight = request.Asked.Weight, Tenant = request.Asked.Tenant, Destination = LimitCheck.IndexOf(permit.Destination),
            IsProbe = request.IsProbe, Ticket = request.Ticket, Place = _working.Count,
        };
        _working.Add(work);
        _world.EnterBackend(work, request.Service);
        if (_world.Random.Chance(_world.Scenario.Impatience) && !request.IsProbe)
        {
            _world.Events.Add(_world.Now + _world.Random.Between(0, request.Service), EventKind.ClientGone, Index, 0, work);
        }
    }

    private void LoseLife(HolderLife lost)
    {
        _world.Trace.Add(_world.Now, "life lost", Index, lost.Incarnation);
        if (Policy.OnLeaseLost != OnLeaseLost.Cancel)
        {
            return;
        }

        for (var i = _working.Count - 1; i >= 0; i--)
        {
            var work = _working[i];
            if (ReferenceEquals(work.Permit.Life, lost) && _world.Random.Chance(_world.Scenario.BackendNotices))
            {
                if (work.IsInside)
                {
                    _world.LeaveBackend(work);
                }

                Release(work);
            }
        }
    }

    /// <summary>Takes note of the pool's counts, and sets the timer.</summary>
    private void Observe()
    {
        var idle = Pool.Idle;
        _world.Idle += idle - Idle;
        Idle = idle;
        _world.Checks.Observed(this);
        var next = Pool.NextTick;
        if (next == TimeSpan.MaxValue)
        {
            return;
        }

        var due = _world.Now + Math.Max(Clock.TrueTicks(next), TimerSlack / 4);
        if (due + TimerSlack < _nextTick || _nextTick <= _world.Now)
        {
            _nextTick = due + _world.Random.Between(0, TimerSlack);
            _world.Events.Add(_nextTick, EventKind.HolderTick, Index, _nextTick);
        }
    }
}
