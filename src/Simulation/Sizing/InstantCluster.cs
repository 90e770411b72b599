namespace Admission.Simulator;

/// <summary>A ledger and pools between which every message arrives at once: to fill them with holders or tickets, and to look at what that costs.</summary>
internal sealed class InstantCluster
{
    private readonly Timeline _timeline = new();
    private readonly ProcessClock _clock;
    private readonly TimeProvider _measuringTime;
    private readonly Dictionary<string, int> _indexes = [];
    private readonly Queue<(int Pool, PoolEffects Effects)> _todo = new();
    private List<(int Pool, SizingRequest Request)>? _admitted = [];
    private PermitPool[]? _pools;

    public InstantCluster(BackendPolicy policy, int pools, TimeProvider measuringTime)
    {
        _measuringTime = measuringTime;
        _clock = new ProcessClock(_timeline, 0, 1);
        var options = new LedgerOptions { MaxHolders = Math.Max(pools, new LedgerOptions().MaxHolders) };
        var state = new LedgerState { Policy = policy, PolicyVersion = 1 }.NextEpoch(1, options.AuthorityTtl);
        Ledger = new CapacityLedger(state, 0, _clock, options);
        _pools = new PermitPool[pools];
        for (var i = 0; i < pools; i++)
        {
            _pools[i] = new PermitPool($"frontend-{i + 1}", 1, policy, _clock);
            _indexes.Add($"frontend-{i + 1}", i);
        }
    }

    public CapacityLedger Ledger { get; }

    public long Exchanges { get; private set; }

    public TimeSpan Spent { get; private set; }

    public int Admitted => _admitted!.Count;

    public void Acquire(int pool)
    {
        var request = new SizingRequest();
        var result = _pools![pool].Acquire(default, request, out var effects);
        Take(pool, request, result);
        Settle(pool, effects);
    }

    /// <summary>Gives back what was admitted first, and lets the same frontend ask again.</summary>
    public void Turn()
    {
        var (pool, request) = _admitted![0];
        _admitted.RemoveAt(0);
        Settle(pool, _pools![pool].Release(request.Permit));
        Acquire(pool);

        // Long enough that neither the ledger nor a pool takes it for the same instant.
        _timeline.Now += Timeline.Millisecond / 10;
    }

    public void ForgetCosts()
    {
        Exchanges = 0;
        Spent = TimeSpan.Zero;
    }

    /// <summary>Forgets the pools and their requests, so that only the ledger is left in memory.</summary>
    public void DropPools()
    {
        _pools = null;
        _admitted = null;
        _indexes.Clear();
    }

    private void Settle(int pool, in PoolEffects effects)
    {
        _todo.Enqueue((pool, effects));
        while (_todo.TryDequeue(out var next))
        {
            Follow(next.Pool, next.Effects);
        }
    }

    private void Follow(int pool, in PoolEffects effects)
    {
        foreach (var (request, result) in effects.Decided ?? [])
        {
            Take(pool, (SizingRequest)request, result);
        }

        if (effects.WantsExchange && _pools![pool].BeginExchange() is { } report)
        {
            var reply = Receive(report, out var pushes);
            _todo.Enqueue((pool, _pools[pool].EndExchange(reply)));
            foreach (var push in pushes)
            {
                var to = _indexes[push.Holder];
                _todo.Enqueue((to, _pools[to].Receive(push)));
            }
        }
    }

    private LedgerMessage Receive(HolderReport report, out List<LedgerMessage> pushes)
    {
        var began = _measuringTime.GetTimestamp();
        var reply = Ledger.Receive(report);
        if (Ledger.StoreNeeded)
        {
            Ledger.EndStore(Ledger.BeginStore(), StoreOutcome.Stored);
        }

        if (reply.Status == LedgerStatus.Registering)
        {
            reply = Ledger.Receive(report);
        }

        pushes = Ledger.TakePushes();
        Spent += _measuringTime.GetElapsedTime(began);
        Exchanges++;
        return reply;
    }

    private void Take(int pool, SizingRequest request, in PoolResult result)
    {
        if (result.Answer == PoolAnswer.Admitted)
        {
            request.Permit = result.Permit;
            _admitted!.Add((pool, request));
        }
        else if (result.Answer == PoolAnswer.Refused)
        {
            throw new InvalidOperationException($"A measured request was refused: {result.Refusal!.Reason}.");
        }
    }

    private sealed class SizingRequest : WaitingRequest
    {
        public Permit Permit { get; set; }

        public override void Decided(in PoolResult result)
        {
            // The cluster takes the decisions from the pool's effects.
        }
    }
}
