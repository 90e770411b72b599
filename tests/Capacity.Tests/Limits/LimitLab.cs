namespace Admission.Capacity.Tests;

/// <summary>
/// A ledger, two pools on a network with half a millisecond each way, a server whose capacity changes, and a load: all real but the network, the server and
/// the time. Deterministic by its seed.
/// </summary>
internal sealed class LimitLab
{
    private const double Way = 0.0005;
    private const double TickEvery = 0.005;

    private readonly ManualTime _time = new();
    private readonly PriorityQueue<Action, (double At, long Order)> _events = new();
    private readonly PermitPool[] _pools;
    private readonly bool[] _exchanging;
    private readonly SimulatedServer _server;
    private readonly Random _random;
    private double _clock;
    private long _order;

    public LimitLab(BackendPolicy policy, SimulatedServer server, int seed, LearnedLimit? learned = null)
    {
        _server = server;
        _random = new Random(seed);
        Ledger = new CapacityLedger(
            new LedgerState { Epoch = 1, Policy = policy, PolicyVersion = 1, Limit = learned }, _time.GetTimestamp(), _time);
        _pools = [new PermitPool("one", 1, policy, _time), new PermitPool("two", 1, policy, _time)];
        _exchanging = new bool[_pools.Length];
        At(0, Tick);
    }

    public CapacityLedger Ledger { get; }

    public double Now { get; private set; }

    public long Served { get; private set; }

    public long Refused { get; private set; }

    /// <summary>The longest that anybody waited for a permit, in seconds.</summary>
    public double LongestWait { get; set; }

    /// <summary>The limit, now and then: seconds, limit, capacity of the server.</summary>
    public List<(double At, int Limit, int Capacity)> Curve { get; } = [];

    private int Limit => Ledger.Describe().Occupancy.Limit;

    /// <summary>So many clients send the next request as soon as the last has ended.</summary>
    public void AddClients(int count)
    {
        Closed = true;
        for (var i = 0; i < count; i++)
        {
            var pool = i % _pools.Length;
            At(Now + (_random.NextDouble() * 0.01), () => Arrive(pool));
        }
    }

    /// <summary>Requests arrive at random, so many a second, whatever becomes of them.</summary>
    public double Rate { get; set; }

    private bool Closed { get; set; }

    public void BeginArrivals() => At(Now + (-Math.Log(1 - _random.NextDouble()) / Rate), () =>
    {
        Arrive(_random.Next(_pools.Length));
        BeginArrivals();
    });

    /// <summary>Runs on, and notes the limit every so often.</summary>
    /// <returns>What was seen after a first time in which the limit may still be on its way.</returns>
    public LabResult Run(double seconds, double after = 0)
    {
        var end = Now + seconds;
        var from = Now + after;
        double sum = 0, near = 0, last = from;
        var served = Served;
        var next = Now;
        while (true)
        {
            var serverEnd = _server.NextEnd(Now);
            _events.TryPeek(out _, out var first);
            var at = Math.Min(Math.Min(serverEnd, first.At), end);
            if (next <= at)
            {
                Curve.Add((next, Limit, _server.Capacity));
                if (next >= from)
                {
                    served = next < from + 0.05 ? Served : served;
                    sum += Limit * (next - last);
                    near += Math.Abs(Limit - _server.Capacity) <= Math.Max(1, 0.1 * _server.Capacity) ? next - last : 0;
                    last = next;
                }

                next += 0.05;
                continue;
            }

            MoveTo(at);
            if (at >= end)
            {
                break;
            }

            if (serverEnd <= first.At)
            {
                Leave(_server.End(Now));
            }
            else
            {
                _events.Dequeue()();
            }
        }

        var span = last - from;
        return new LabResult(sum / span, near / span, (Served - served) / (end - from) * _server.ServiceTime / _server.Capacity);
    }

    public void Decided(LabJob job, in PoolResult result)
    {
        if (result.Answer == PoolAnswer.Admitted)
        {
            job.Permit = result.Permit;
            LongestWait = Math.Max(LongestWait, Now - job.ArrivedAt);
            _server.Enter(Now, job);
        }
        else
        {
            Refused++;
            if (Closed)
            {
                var pool = job.PoolIndex;
                At(Now + 0.01, () => Arrive(pool));
            }
        }
    }

    private void Arrive(int pool)
    {
        var job = new LabJob(this, pool);
        var result = _pools[pool].Acquire(default, job, out var effects);
        if (result.Answer != PoolAnswer.Waiting)
        {
            Decided(job, result);
        }

        Follow(pool, effects);
    }

    private void Leave(LabJob job)
    {
        Served++;
        Follow(job.PoolIndex, _pools[job.PoolIndex].Release(job.Permit));
        if (Closed)
        {
            Arrive(job.PoolIndex);
        }
    }

    private void Tick()
    {
        Ledger.Tick();
        AfterLedger();
        for (var i = 0; i < _pools.Length; i++)
        {
            Follow(i, _pools[i].Tick());
        }

        At(Now + TickEvery, Tick);
    }

    private void Follow(int pool, in PoolEffects effects)
    {
        foreach (var (request, result) in effects.Decided ?? [])
        {
            request.Decided(result);
        }

        if (effects.WantsExchange && !_exchanging[pool] && _pools[pool].BeginExchange() is { } report)
        {
            _exchanging[pool] = true;
            At(Now + Way, () => Receive(pool, report));
        }
    }

    private void Receive(int pool, HolderReport report)
    {
        var reply = Ledger.Receive(report);
        AfterLedger();
        if (reply.Status == LedgerStatus.Registering)
        {
            reply = Ledger.Receive(report);
        }

        At(Now + Way, () =>
        {
            _exchanging[pool] = false;
            Follow(pool, _pools[pool].EndExchange(reply));
        });
    }

    private void AfterLedger()
    {
        if (Ledger.StoreNeeded)
        {
            Ledger.EndStore(Ledger.BeginStore(), StoreOutcome.Stored);
        }

        foreach (var push in Ledger.TakePushes())
        {
            var pool = push.Holder == "one" ? 0 : 1;
            At(Now + Way, () => Follow(pool, _pools[pool].Receive(push)));
        }
    }

    private void At(double at, Action action) => _events.Enqueue(action, (at, ++_order));

    private void MoveTo(double at)
    {
        Now = at;
        var step = TimeSpan.FromSeconds(at - _clock);
        _clock += step.TotalSeconds;
        _time.Advance(step);
    }
}

/// <summary>What a <see cref="LimitLab"/> saw.</summary>
/// <param name="MeanLimit">The limit, averaged over time.</param>
/// <param name="Near">The share of time for which it was within 10 % of the capacity, or one of it.</param>
/// <param name="Work">The share of what the server can do at best that was done.</param>
internal readonly record struct LabResult(double MeanLimit, double Near, double Work);
