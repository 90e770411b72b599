namespace Admission.Simulation;

/// <summary>
/// One backend with everything around it, in virtual time: holders, activations, network, store, clocks and the backend itself.
/// Everything happens in one order, drawn from the seed.
/// </summary>
internal sealed partial class World
{
    private readonly Timeline _timeline = new();
    private readonly FaultInjector _faults;
    private readonly Traffic _traffic;
    private readonly QuietTail _tail;
    private bool _activationDue;

    public World(Scenario scenario, Tamper tamper)
    {
        Scenario = scenario;
        Tamper = tamper;
        tamper.Attach(this);
        Random = new SimRandom(scenario.Seed);
        Network = new Network(this);
        Limits = new LimitCheck(this);
        Tenants = new TenantCheck(this);
        Leases = new LeasePrograms(this);
        Checks = new Promises(this);
        Options = new LedgerOptions { AuthorityTtl = scenario.AuthorityTtl, RenewedByWrites = !scenario.Claims };
        Policies = new PolicyChanges(this);
        Destinations = new DestinationFaults(this);
        Store = new RecordStore(this, new LedgerState
        {
            Epoch = scenario.FirstEpoch,
            Policy = scenario.StartsWithoutPolicy ? null : tamper.LedgerPolicy(scenario.Policy),
            PolicyVersion = scenario.StartsWithoutPolicy ? 0 : 1,
        });
        Faulty = !scenario.IsCalm;
        Holders = new Holder[scenario.Holders];
        _faults = new FaultInjector(this);
        _traffic = new Traffic(this);
        _tail = new QuietTail(this);
        for (var i = 0; i < Holders.Length; i++)
        {
            Holders[i] = new Holder(this, i);
            Holders[i].Start(scenario.Policy);
        }

        BeginActivation();
        _traffic.Begin();
        _faults.Begin();
        Policies.Begin();
        Destinations.Begin();
    }

    public Scenario Scenario { get; }

    public Tamper Tamper { get; }

    public SimRandom Random { get; }

    public EventQueue Events { get; } = new();

    public Trace Trace { get; } = new();

    public Network Network { get; }

    public RecordStore Store { get; }

    public LimitCheck Limits { get; }

    public TenantCheck Tenants { get; }

    public LeasePrograms Leases { get; }

    public Promises Checks { get; }

    public PolicyChanges Policies { get; }

    public DestinationFaults Destinations { get; }

    public LedgerOptions Options { get; }

    public Holder[] Holders { get; }

    public List<Activation> Activations { get; } = [];

    /// <summary>The activation with the newest ledger, or null before the first.</summary>
    public Activation? Newest { get; private set; }

    /// <summary>Things go wrong; false in calm runs and in the quiet tail.</summary>
    public bool Faulty { get; private set; }

    /// <summary>The quiet tail has begun: nothing new arrives.</summary>
    public bool Quiet { get; private set; }

    public bool Finished { get; set; }

    /// <summary>Idle permits over all pools.</summary>
    public int Idle { get; set; }

    public int WaitingCount { get; set; }

    /// <summary>Clients that left before they were answered, as far as pools were told.</summary>
    public int Departures { get; set; }

    public long Steps { get; private set; }

    public long Now => _timeline.Now;

    /// <summary>Runs so many steps of trouble, and then the quiet tail.</summary>
    public void Run(long steps)
    {
        while (!Finished)
        {
            if (Steps == steps && !Quiet)
            {
                Quieten();
            }

            var next = Events.Take();
            _timeline.Now = Math.Max(_timeline.Now, next.At);
            Steps++;
            Handle(next);
            if ((Steps & 31) == 0)
            {
                Checks.Sweep();
            }
        }
    }

    public ProcessClock NewClock() => NewClock(Random);

    public ProcessClock NewClock(SimRandom random) => new(_timeline, random.Between(0, 1000 * Timeline.Second), random.Between(0.9951, 1.0049));

    public BrokenPromiseException Broken(string promise, string message) => new(promise, message);

    public BackendPolicy? PolicyInTruth(BackendPolicy? inForce) => Tamper.MeantPolicy(inForce);

    public Holder HolderOf(string id) => Holders[int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)];

    /// <summary>The cluster notices that there is no activation, and makes one.</summary>
    public void ActivateLater()
    {
        if (!_activationDue)
        {
            _activationDue = true;
            Events.Add(Now + Random.Between(10 * Timeline.Millisecond, 500 * Timeline.Millisecond), EventKind.ActivationBegins, -1);
        }
    }

    public Activation BeginActivation()
    {
        _activationDue = false;
        var activation = new Activation(this, Activations.Count);
        Activations.Add(activation);
        Trace.Add(Now, "activation begins", activation.Index);
        foreach (var holder in Holders)
        {
            Events.Add(Now + Random.Between(0, 300 * Timeline.Millisecond), EventKind.RouteChanges, holder.Index, activation.Index);
        }

        activation.Begin();
        return activation;
    }

    public void LedgerBegins(Activation activation)
    {
        Trace.Add(Now, "ledger begins", activation.Index, activation.Epoch);
        if (Newest is null || activation.Epoch > Newest.Epoch)
        {
            Newest = activation;
        }

        Limits.Begins(activation);
        Checks.LedgerBegins(activation);
        for (var i = 0; Quiet && i < Holders.Length; i++)
        {
            Holders[i].Route = activation.Index;
        }
    }

    public void MayStall(Activation activation) => _faults.MayStall(activation);

    /// <summary>After a failed exchange a holder looks for the activation again, and may be told an old one.</summary>
    public void ChooseRoute(Holder holder)
    {
        if (Quiet)
        {
            holder.Route = Newest is { IsAlive: true } ? Newest.Index : Activations.Count - 1;
            return;
        }

        if (_faults.IsPinned(holder) || Random.Chance(0.4))
        {
            return;
        }

        holder.Route = Faulty && Random.Chance(0.15) ? Random.Below(Activations.Count) : Activations.Count - 1;
    }

    public void EnterBackend(Work work, long service)
    {
        work.IsInside = true;
        Trace.Add(Now, "admitted", work.Holder, work.Destination);
        Limits.Enter(work.Destination, work.Weight);
        Tenants.Enter(work.Tenant, work.Weight);
        Checks.Health.Enter(work);
        service = Destinations.Enter(work, service);
        Events.Add(Now + service, EventKind.WorkEnds, work.Holder, 0, work);
        if (Scenario.Policy.StopsWhenAbandoned && Random.Chance(Scenario.Impatience) && !work.IsProbe)
        {
            Events.Add(Now + Random.Between(0, service), EventKind.ClientAbandons, work.Holder, 0, work);
        }
    }

    public void LeaveBackend(Work work)
    {
        work.IsInside = false;
        Limits.Leave(work.Destination, work.Weight);
        Tenants.Leave(work.Tenant, work.Weight);
        Checks.Health.Leave(work);
    }

    /// <summary>A holder died with this request waiting.</summary>
    public void Forget(SimRequest request)
    {
        request.IsDecided = true;
        WaitingCount--;
    }

    private void Quieten()
    {
        Trace.Add(Now, "quiet", 0);
        Faulty = false;
        Quiet = true;
        Network.MendAll();
        _faults.End();
        Destinations.End();
        _tail.Begin();
    }
}
