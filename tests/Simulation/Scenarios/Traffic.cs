namespace Admission.Simulation;

/// <summary>Requests arrive at the holders, at some more than at others, and that changes.</summary>
internal sealed class Traffic(World world)
{
    private readonly double[] _shares = new double[world.Scenario.Holders];
    private readonly SimRandom _tenants = new(world.Scenario.Seed ^ 0x7E7A_7E7A_7E7A_7E7AUL);
    private double _sum;

    public void Begin()
    {
        Shift();
        world.Events.Add(world.Random.Exponential(world.Scenario.ArrivalGap), EventKind.Arrival, -1);
    }

    public void Shift()
    {
        _sum = 0;
        for (var i = 0; i < _shares.Length; i++)
        {
            _shares[i] = world.Random.Chance(0.3) ? 0.01 : world.Random.Scale(0.1, 3);
            _sum += _shares[i];
        }

        world.Events.Add(world.Now + world.Random.Between(Timeline.Second / 2, 4 * Timeline.Second), EventKind.DemandShifts, -1);
    }

    public void Arrive()
    {
        if (world.Quiet)
        {
            return;
        }

        var scenario = world.Scenario;
        var count = scenario.Burst > 1 && world.Random.Chance(0.2) ? 1 + world.Random.Below(scenario.Burst) : 1;
        var together = world.Random.Chance(0.5);
        var holder = Pick();
        for (var i = 0; i < count; i++)
        {
            if (holder.IsAlive && world.Now >= holder.PausedUntil)
            {
                holder.Arrive(Draw(holder));
            }

            holder = together ? holder : Pick();
        }

        world.Events.Add(world.Now + world.Random.Exponential(scenario.ArrivalGap * (scenario.Burst > 1 ? 1 + (scenario.Burst / 10) : 1)), EventKind.Arrival, -1);
    }

    private Holder Pick()
    {
        var at = world.Random.Unit() * _sum;
        for (var i = 0; i < _shares.Length; i++)
        {
            at -= _shares[i];
            if (at < 0)
            {
                return world.Holders[i];
            }
        }

        return world.Holders[0];
    }

    private SimRequest Draw(Holder holder)
    {
        var scenario = world.Scenario;
        var random = world.Random;
        var request = new AdmissionRequest
        {
            Weight = scenario.HeaviestRequest > 1 && random.Chance(0.4) ? 1 + random.Below(scenario.HeaviestRequest) : 1,
            Priority = scenario.PriorityCount > 1 ? 5 * random.Below(scenario.PriorityCount) : Priorities.Normal,
            Tenant = DrawTenant(),
            MaxWait = random.Chance(0.1) ? TimeSpan.FromMilliseconds(random.Scale(20, 1000)) : null,
        };

        // The gateway enforces the run time-out on its own clock, so by true time half a percent more is possible.
        var longest = (long)(scenario.Policy.RunTimeout.Ticks * 1.0049);
        var service = random.Chance(0.1) ? longest : Math.Min(longest, 1 + random.Exponential(scenario.MeanService));
        return new SimRequest { Holder = holder.Index, Process = holder.Process, ArrivedAt = world.Now, Asked = request, Service = service, IsForLease = world.Leases.Draw() };
    }

    /// <summary>The first tenant asks for as much as all others together, and some requests have none.</summary>
    private string? DrawTenant()
    {
        if (world.Scenario.TenantCount == 0 || _tenants.Chance(0.1))
        {
            return null;
        }

        return $"t{(_tenants.Chance(0.5) ? 0 : _tenants.Below(world.Scenario.TenantCount))}";
    }
}
