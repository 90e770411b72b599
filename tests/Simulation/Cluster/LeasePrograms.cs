namespace Admission.Simulation;

/// <summary>
/// The programs that hold leases by themselves, and what is promised to them: whoever was told that it has a lease has it until it gives it back, or its time has run out by its own clock; and each is told a higher
/// number than those before.
/// </summary>
/// <remarks>What they do is drawn apart, so that a run without leases is the same as ever.</remarks>
internal sealed class LeasePrograms(World world)
{
    private const long Ms = Timeline.Millisecond;

    private readonly SimRandom _random = new(world.Scenario.Seed ^ 0x1EA5_E000_1EA5_E000UL);
    private readonly SimRandom _late = new(world.Scenario.Seed ^ 0x1EA5_E1A7_E000_0001UL);
    private readonly List<SimLease> _all = [];
    private readonly HashSet<long> _numbers = [];
    private long _highest;

    /// <summary>Whether the next request that arrives is one for a lease.</summary>
    public bool Draw() => world.Scenario.Leases > 0 && _random.Chance(world.Scenario.Leases);

    /// <summary>A gateway has the permits: it makes a lease of them.</summary>
    public void Begin(Holder holder, SimRequest request, in Permit permit)
    {
        var (shortest, longest) = (LeaseRules.ShortestTtl.Ticks, world.Scenario.LongestLeaseTtl.Ticks);
        var (ttl, clock) = (TimeSpan.FromTicks(_random.Between(shortest, longest)), world.NewClock(_random));
        var lease = new SimLease($"k{_all.Count}", ttl, request, clock)
        {
            PermitsAt = clock.GetTimestamp(),
            Index = _all.Count,
            Holder = holder.Index,
            Route = _random.Chance(0.3) ? holder.Route : null,
            Destination = LimitCheck.IndexOf(permit.Destination),
            ToldBefore = _highest,
            DoneAt = world.Now + (long)_random.Scale(50 * Ms, 6000 * Ms),
        };
        _all.Add(lease);
        world.Trace.Add(world.Now, "hands over", holder.Index, lease.Index, lease.Ttl);
        holder.Follow(holder.Pool.HandOver(permit, lease));
    }

    /// <summary>The gateway knows what has become of it, and tells the program, unless one of them is gone.</summary>
    public void Decided(SimLease lease, LeaseOutcome outcome)
    {
        world.Trace.Add(world.Now, "lease decided", lease.Holder, lease.Index, outcome);
        lease.Fencing = outcome.Fencing;
        if (outcome.State != LeaseState.Held)
        {
            // The gateway answers 503, and gives back what the ledger may have booked nevertheless; or does not come to it.
            lease.IsReleasing = true;
            lease.IsAlive = outcome.State == LeaseState.Unconfirmed && _random.Chance(0.5);
            Next(lease, 10 * Ms, 50 * Ms);
            return;
        }

        if (outcome.Fencing.Number <= lease.ToldBefore || !_numbers.Add(outcome.Fencing.Number))
        {
            throw world.Broken("Fencing", $"lease {lease.Index} has the number {outcome.Fencing.Number}, but {lease.ToldBefore} was told before it was handed over.");
        }

        _highest = Math.Max(_highest, outcome.Fencing.Number);
        if (world.Faulty && _random.Chance(0.05))
        {
            world.Trace.Add(world.Now, "nobody hears of lease", lease.Index);
            lease.IsAlive = false;
            return;
        }

        lease.Left = outcome.Left;
        if (world.Faulty && _late.Chance(0.1))
        {
            // The answer is long on its way; or the gateway, or the program, stands still meanwhile.
            world.Events.Add(world.Now + _late.Between(0, lease.Ttl.Ticks * 3 / 2), EventKind.LeaseTold, -1, 0, lease);
            return;
        }

        Told(lease);
    }

    /// <summary>The program hears that it has the lease. What is left of it counts from when it asked, and what it waited by the gateway's clock: for the permits, and for the ledger's word.</summary>
    public void Told(SimLease lease)
    {
        lease.IsTold = true;
        var now = lease.Clock.GetTimestamp();
        var asked = lease.PermitsAt + ((lease.Ttl * 0.9) - lease.Left).Ticks;
        lease.ValidUntil = (world.Tamper.CountsLeasesFromTheAnswer ? now : asked) + lease.Left.Ticks;
        if (now < lease.ValidUntil)
        {
            Enter(lease);
        }

        Next(lease, 0, lease.Ttl.Ticks / 3);
    }

    /// <summary>The program looks after its lease.</summary>
    public void Turn(SimLease lease)
    {
        if (!lease.IsAlive)
        {
            return;
        }

        if (world.Faulty && _random.Chance(0.03))
        {
            world.Trace.Add(world.Now, "program dies", lease.Index);
            Leave(lease);
            lease.IsAlive = false;
            return;
        }

        if (!lease.IsReleasing && (world.Now >= lease.DoneAt || world.Quiet))
        {
            Leave(lease);
            lease.IsReleasing = true;
        }

        Call(new LeaseCall(lease, lease.IsReleasing, lease.Clock.GetTimestamp()));
        if (lease.IsReleasing)
        {
            Next(lease, 50 * Ms, 300 * Ms);
        }
        else if (world.Faulty && _random.Chance(0.1))
        {
            // It stands still, so that it comes too late, or just in time.
            Next(lease, lease.Ttl.Ticks / 2, lease.Ttl.Ticks * 3 / 2);
        }
        else
        {
            Next(lease, lease.Ttl.Ticks / 5, lease.Ttl.Ticks * 2 / 5);
        }
    }

    /// <summary>Its time has run out on its own clock, unless it was renewed meanwhile: it stops, as it must.</summary>
    public void Expires(SimLease lease)
    {
        if (lease.IsInside && lease.Clock.GetTimestamp() >= lease.ValidUntil)
        {
            Leave(lease);
        }
    }

    /// <summary>A call has reached a ledger.</summary>
    public void Arrives(Activation activation, LeaseCall call)
    {
        if (activation.AskOfLease(call) is not { } answer)
        {
            return;
        }

        world.Trace.Add(world.Now, call.Releases ? "lease released" : "lease renewed", activation.Index, call.Lease.Index, answer.State);
        call.Answer = answer;
        call.Lease.IsReleased |= answer.State == LeaseState.Released;
        if (!world.Faulty || !_random.Chance(world.Scenario.Loss))
        {
            world.Events.Add(world.Now + Delay(), EventKind.LeaseAnswered, -1, 0, call);
        }
    }

    /// <summary>The answer has reached the program.</summary>
    public void Answered(LeaseCall call)
    {
        var lease = call.Lease;
        if (!lease.IsAlive || call.Answer!.State == LeaseState.Unsettled)
        {
            return;
        }

        if (call.Answer.State != LeaseState.Held)
        {
            if (lease is { IsTold: true, IsReleasing: false } && lease.Clock.GetTimestamp() < lease.ValidUntil)
            {
                throw world.Broken("LeaseLost", $"lease {lease.Index} is {call.Answer.State}, and its holder may use it for {(lease.ValidUntil - lease.Clock.GetTimestamp()) / Ms} ms more.");
            }

            Leave(lease);
            lease.IsAlive = false;
            return;
        }

        if (!lease.IsReleasing)
        {
            lease.ValidUntil = Math.Max(lease.ValidUntil, call.SentAt + call.Answer.Left.Ticks);
            if (lease.Clock.GetTimestamp() < lease.ValidUntil)
            {
                Enter(lease);
            }
        }
    }

    /// <summary>Permits that a ledger has booked for leases which another one, or its predecessor, has taken back from their holders.</summary>
    public int Stale(CapacityLedger ledger, string? destination = null) =>
        world.Scenario.Leases == 0 ? 0 : _all.Where(lease => lease.IsReleased && (destination is null || LimitCheck.NameOf(lease.Destination) == destination)
            && ledger.Leases(new LeaseQuery { Names = [lease.Name] }).Leases[0].State == LeaseState.Held).Sum(lease => lease.Weight);

    private void Enter(SimLease lease)
    {
        if (!lease.IsInside)
        {
            lease.IsInside = true;
            world.Limits.Enter(lease.Destination, lease.Weight);
            world.Tenants.Enter(lease.Tenant, lease.Weight);
        }

        world.Events.Add(world.Now + lease.Clock.TrueTicks(TimeSpan.FromTicks(lease.ValidUntil - lease.Clock.GetTimestamp())), EventKind.LeaseExpires, -1, 0, lease);
    }

    private void Leave(SimLease lease)
    {
        if (lease.IsInside)
        {
            lease.IsInside = false;
            world.Limits.Leave(lease.Destination, lease.Weight);
            world.Tenants.Leave(lease.Tenant, lease.Weight);
        }
    }

    /// <summary>Through any gateway, which may have heard of an old ledger only.</summary>
    private void Call(LeaseCall call)
    {
        var last = world.Activations.Count - 1;
        var route = world.Faulty && _random.Chance(0.2) ? _random.Below(last + 1) : world.Newest is { IsAlive: true } newest && _random.Chance(0.7) ? newest.Index : last;
        route = world.Faulty && call.Lease.Route is { } known && world.Activations[known].IsAlive ? known : route;
        if (!world.Activations[route].IsAlive || (world.Faulty && (world.Network.IsCut(-1, route) || _random.Chance(world.Scenario.Loss))))
        {
            return;
        }

        world.Events.Add(world.Now + Delay(), EventKind.LeaseCallArrives, route, 0, call);
    }

    private void Next(SimLease lease, long least, long most) => world.Events.Add(world.Now + _random.Between(least, most), EventKind.LeaseTurn, -1, 0, lease);

    private long Delay() => world.Faulty && _random.Chance(world.Scenario.Late)
        ? _random.Between(world.Scenario.MostDelay, world.Scenario.LateDelay)
        : _random.Between(world.Scenario.LeastDelay, world.Scenario.MostDelay);
}
