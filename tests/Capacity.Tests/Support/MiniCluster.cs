namespace Admission.Capacity.Tests;

/// <summary>
/// A ledger and some pools on a network without delay: every message arrives at once, unless a pool is cut off. Storage always works, unless told otherwise.
/// </summary>
internal sealed class MiniCluster
{
    private readonly Dictionary<string, PermitPool> _pools = [];
    private readonly LedgerOptions _options;

    public MiniCluster(BackendPolicy policy, LedgerOptions? options = null)
    {
        _options = options ?? new LedgerOptions();
        Policy = policy;
        Stored = new LedgerState { Policy = policy, PolicyVersion = 1 };
        Ledger = Activate();
    }

    public BackendPolicy Policy { get; private set; }

    public ManualTime Time { get; } = new();

    public LedgerState Stored { get; private set; }

    public CapacityLedger Ledger { get; private set; }

    public HashSet<string> CutOff { get; } = [];

    public bool StorageWorks { get; set; } = true;

    /// <summary>So many pushes are lost from now on.</summary>
    public int PushesToLose { get; set; }

    public int Exchanges { get; private set; }

    public PermitPool Pool(string holder)
    {
        if (!_pools.TryGetValue(holder, out var pool))
        {
            pool = new PermitPool(holder, 1, Policy, Time);
            _pools.Add(holder, pool);
        }

        return pool;
    }

    /// <summary>A new activation: epoch first, then the ledger.</summary>
    public CapacityLedger Activate()
    {
        var handover = Stored.Handover;
        Stored = Stored.NextEpoch(Stored.Epoch + 1, _options.AuthorityTtl);
        Ledger = new CapacityLedger(Stored, Time.GetTimestamp(), Time, _options, handover);
        return Ledger;
    }

    public void HandOver()
    {
        Stored = Ledger.PrepareHandover();
        var farewells = Ledger.TakeFarewells();
        Activate();
        Deliver(farewells);
    }

    /// <summary>Cuts a holder off in the middle of an exchange, if it has anything to say, so that its pool notices.</summary>
    public void Lose(string holder)
    {
        CutOff.Add(holder);
        Time.Advance(TimeSpan.FromTicks((Policy.LeaseTtl.Ticks / 3) + 1));
        if (Pool(holder).BeginExchange() is not null)
        {
            Carry(Pool(holder), Pool(holder).EndExchange(null));
        }
    }

    /// <summary>A holder's process dies: nobody hears of it again.</summary>
    public void Kill(string holder) => _pools.Remove(holder);

    public PoolResult Acquire(string holder, AdmissionRequest request = default) => Acquire(holder, new TestWaiter(), request);

    public PoolResult Acquire(string holder, TestWaiter waiter, AdmissionRequest request = default)
    {
        var result = Pool(holder).Acquire(request, waiter, out var effects);
        Carry(Pool(holder), effects);
        Settle();
        return result.Answer == PoolAnswer.Waiting && waiter.Result is { } decided ? decided : result;
    }

    public TestWaiter Wait(string holder, AdmissionRequest request = default)
    {
        var waiter = new TestWaiter();
        Acquire(holder, waiter, request);
        return waiter;
    }

    public void Release(string holder, in PoolResult admitted, RunOutcome outcome = RunOutcome.Served)
    {
        admitted.Answer.ShouldBe(PoolAnswer.Admitted);
        Carry(Pool(holder), Pool(holder).Release(admitted.Permit, outcome));
        Settle();
    }

    public void GiveUp(string holder, TestWaiter waiter)
    {
        Carry(Pool(holder), Pool(holder).GiveUp(waiter));
        Settle();
    }

    /// <summary>Takes a permit and makes a lease of it.</summary>
    public LeaseRequest Lease(string holder, string key, TimeSpan ttl, AdmissionRequest request = default)
    {
        var admitted = Acquire(holder, request);
        admitted.Answer.ShouldBe(PoolAnswer.Admitted);
        var lease = new LeaseRequest(key, ttl, request.Tenant);
        Carry(Pool(holder), Pool(holder).HandOver(admitted.Permit, lease));
        Settle();
        return lease;
    }

    public LeaseState Renew(string key, long epoch = 1) => One(Ledger.RenewLeases([new LeaseName(key, epoch)]));

    public LeaseState Release(string key, long epoch = 1) => One(Ledger.ReleaseLeases([new LeaseName(key, epoch)]));

    /// <summary>As a grain does: what is not settled is asked again when its write has ended.</summary>
    private LeaseState One(LeaseDescription[] answers)
    {
        Settle();
        return answers.ShouldHaveSingleItem().State;
    }

    public PolicyAnswer Apply(BackendPolicy policy)
    {
        var answer = Ledger.ApplyPolicy(policy);
        if (answer.Errors.Length == 0)
        {
            Policy = policy;
        }

        foreach (var pool in _pools.Values)
        {
            Carry(pool, pool.ChangePolicy(Policy));
        }

        Settle();
        return answer;
    }

    public void Advance(TimeSpan by)
    {
        for (var step = TimeSpan.FromMilliseconds(50); by > TimeSpan.Zero; by -= step)
        {
            Time.Advance(by < step ? by : step);
            Settle();
        }
    }

    /// <summary>Carries messages until nobody has anything to say.</summary>
    public void Settle()
    {
        for (var round = 0; round < 1_000; round++)
        {
            Ledger.Tick();
            var busy = Store() | Push();
            foreach (var pool in _pools.Values.ToArray())
            {
                Carry(pool, pool.Tick());
                busy |= Exchange(pool);
            }

            LedgerInvariants.Check(Ledger.Describe());
            if (!busy)
            {
                return;
            }
        }

        throw new InvalidOperationException("The messages do not settle.");
    }

    private bool Exchange(PermitPool pool)
    {
        var report = CutOff.Contains(Name(pool)) ? null : pool.BeginExchange();
        if (report is null)
        {
            return false;
        }

        Exchanges++;
        var reply = Ledger.Receive(report);
        if (Store() && reply.Status is LedgerStatus.Registering or LedgerStatus.NoAuthority)
        {
            reply = Ledger.Receive(report);
        }

        Carry(pool, pool.EndExchange(reply));
        return reply.Status is not LedgerStatus.NoAuthority;
    }

    private bool Push()
    {
        var pushes = Ledger.TakePushes();
        Deliver(pushes);
        return pushes.Count > 0;
    }

    private void Deliver(IEnumerable<LedgerMessage> pushes)
    {
        foreach (var push in pushes)
        {
            if (PushesToLose > 0)
            {
                PushesToLose--;
            }
            else if (!CutOff.Contains(push.Holder) && _pools.TryGetValue(push.Holder, out var pool))
            {
                Carry(pool, pool.Receive(push));
            }
        }
    }

    private bool Store()
    {
        if (!StorageWorks || !Ledger.StoreNeeded)
        {
            return false;
        }

        var request = Ledger.BeginStore();
        if (Stored.Epoch == request.State.Epoch)
        {
            Stored = request.State;
            Ledger.EndStore(request, StoreOutcome.Stored);
        }
        else
        {
            Ledger.EndStore(request, StoreOutcome.Superseded);
        }

        return true;
    }

    private string Name(PermitPool pool) => _pools.First(entry => ReferenceEquals(entry.Value, pool)).Key;

    private static void Carry(PermitPool pool, in PoolEffects effects)
    {
        foreach (var (lease, outcome) in effects.HasLeases ? pool.TakeLeases() : [])
        {
            lease.Decided(outcome);
        }

        effects.LostLife?.CancelInFlightAsync().GetAwaiter().GetResult();
        foreach (var (request, result) in effects.Decided ?? [])
        {
            request.Decided(result);
        }
    }
}
