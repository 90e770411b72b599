using Admission.Capacity;

namespace Admission.Client.Tests;

/// <summary>A real pool and its real ledger, with messages that take no time.</summary>
internal sealed class VirtualPool : IShadowPool
{
    private static readonly TimeSpan LeastTick = TimeSpan.FromMilliseconds(0.5);

    private readonly VirtualTime _time;
    private readonly PermitPool _pool;
    private readonly CapacityLedger _ledger;
    private readonly ITimer _poolTimer;
    private readonly ITimer _ledgerTimer;
    private readonly Queue<DecidedRequest> _decided = [];
    private bool _follows;
    private bool _inFlight;

    public VirtualPool(BackendPolicy policy, VirtualTime time)
    {
        _time = time;
        _pool = new PermitPool("holder", 1, policy, time);
        var options = new LedgerOptions { AuthorityTtl = TimeSpan.FromSeconds(45) };
        var state = new LedgerState { Policy = policy, PolicyVersion = 1 }.NextEpoch(1, options.AuthorityTtl);
        _ledger = new CapacityLedger(state, time.GetTimestamp(), time, options);
        _poolTimer = time.CreateTimer(_ => Follow(_pool.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ledgerTimer = time.CreateTimer(_ => TickLedger(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The ledger answers nothing.</summary>
    public bool IsSilent { get; init; }

    /// <summary>What reports carry.</summary>
    public Func<ShadowTotals?> Totals { get; set; } = () => null;

    public int InUse => _pool.InUse;

    public int Waiting => _pool.Waiting;

    public BackendDescription Describe() => _ledger.Describe();

    public void Apply(BackendPolicy policy)
    {
        _ledger.ApplyPolicy(policy).Errors.ShouldBeEmpty();
        Follow(_pool.ChangePolicy(policy));
    }

    public PoolResult Ask(in AdmissionRequest request, WaitingRequest waiter)
    {
        if (_pool.TryAcquire(request, out var result))
        {
            return result;
        }

        result = _pool.Acquire(request, waiter, out var effects);
        Follow(effects);
        return result;
    }

    public bool GiveUp(WaitingRequest waiter)
    {
        var effects = _pool.GiveUp(waiter);
        Follow(effects);
        return effects.GaveUp;
    }

    public void Release(in Permit permit, RunOutcome outcome) => Follow(_pool.Release(permit, outcome));

    public void ClientLeft(in Permit permit) => _pool.ClientLeft(permit);

    private void Follow(in PoolEffects effects)
    {
        Note(effects);
        if (_follows)
        {
            return;
        }

        _follows = true;
        while (true)
        {
            if (_decided.TryDequeue(out var decided))
            {
                decided.Request.Decided(decided.Result);
            }
            else if (!_inFlight && _pool.BeginExchange() is { } report)
            {
                Exchange(report with { Shadow = Totals() });
            }
            else if (!Push())
            {
                break;
            }
        }

        _follows = false;
        SetTimers();
    }

    private void Exchange(HolderReport report)
    {
        if (IsSilent)
        {
            _inFlight = true;
            return;
        }

        var reply = _ledger.Receive(report);
        while (_ledger.StoreNeeded)
        {
            _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);
        }

        Note(_pool.EndExchange(reply.Status == LedgerStatus.Registering ? _ledger.Receive(report) : reply));
    }

    private bool Push()
    {
        var pushes = _ledger.TakePushes();
        foreach (var push in pushes)
        {
            Note(_pool.Receive(push));
        }

        while (_ledger.StoreNeeded)
        {
            _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);
        }

        return pushes.Count > 0;
    }

    private void TickLedger()
    {
        _ledger.Tick();
        Follow(default);
    }

    private void Note(in PoolEffects effects)
    {
        foreach (var decided in effects.Decided ?? [])
        {
            _decided.Enqueue(decided);
        }
    }

    private void SetTimers()
    {
        Set(_poolTimer, _pool.NextTick);
        Set(_ledgerTimer, _ledger.NextTick);
    }

    private static void Set(ITimer timer, TimeSpan next) =>
        timer.Change(next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : next < LeastTick ? LeastTick : next + TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
}
