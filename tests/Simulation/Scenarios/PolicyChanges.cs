namespace Admission.Simulation;

/// <summary>
/// The policy that the operators want: it changes now and then, and reaches holders and ledger each on its own way. Some of it they change at the ledger alone, on top of what is configured.
/// </summary>
internal sealed class PolicyChanges(World world)
{
    /// <summary>A source of its own, so that a seed draws what it drew before there were adjustments.</summary>
    private readonly SimRandom _operator = new(world.Scenario.Seed ^ 0xAD_BEEF);

    public BackendPolicy Wanted { get; private set; } = world.Scenario.Policy;

    /// <summary>What is changed of it at the ledger.</summary>
    public PolicyAdjustment Adjustment { get; private set; } = PolicyAdjustment.None;

    /// <summary>Both together.</summary>
    public BackendPolicy WantedInForce => new AdjustedPolicy(Wanted, Adjustment).InForce;

    /// <summary>The most that any policy of this run allowed: what the bounds of tables are held to, since what was queued may stay.</summary>
    public int MostLimit { get; private set; } = world.Scenario.Policy.TotalLimit;

    public int MostWaiting { get; private set; } = world.Scenario.Policy.Waiting;

    public int LeastGrant { get; private set; } = world.Scenario.Policy.LargestGrant;

    public TimeSpan LongestLease { get; private set; } = world.Scenario.Policy.LeaseTtl;

    public void Begin()
    {
        if (world.Scenario.StartsWithoutPolicy)
        {
            world.Events.Add(world.Random.Between(0, Timeline.Second), EventKind.PolicyReachesLedger, -1);
        }

        Next();
    }

    public void Change()
    {
        var (formerly, random) = (Wanted, world.Random);
        var limit = random.Chance(0.1) ? 0 : (int)Math.Round(random.Scale(1, random.Chance(0.5) ? 8 : 64));
        var named = Wanted.Destinations.Length > 0;
        named = random.Chance(0.1) ? !named : named;
        Wanted = Wanted with
        {
            Limit = named && random.Chance(0.7) ? null : limit,
            Destinations = !named ? [] : ScenarioGenerator.DrawDestinations(random, Math.Max(1, limit)),
            Adaptive = Wanted.Adaptive is null ? null : Wanted.Adaptive with { Min = 1, Initial = null },
            QueueCapacity = random.Chance(0.2) ? 1 + random.Below(40) : Wanted.QueueCapacity,
            LeaseTtl = random.Chance(0.15) ? TimeSpan.FromSeconds(random.Between(1, 1.6)) : Wanted.LeaseTtl,
        };
        MostWaiting = Math.Max(MostWaiting, Wanted.Waiting);
        Adjust(formerly);
        LongestLease = Wanted.LeaseTtl > LongestLease ? Wanted.LeaseTtl : LongestLease;
        world.Trace.Add(world.Now, "policy wanted", 0, 0, WantedInForce);
        foreach (var holder in world.Holders)
        {
            world.Events.Add(world.Now + random.Between(0, Timeline.Second / 4), EventKind.PolicyReachesHolder, holder.Index, 0, Wanted);
        }

        world.Events.Add(world.Now + world.Network.Delay(), EventKind.PolicyReachesLedger, -1);
        Next();
    }

    /// <summary>Either change may come into force before the other.</summary>
    private void Adjust(BackendPolicy formerly)
    {
        var before = Adjustment;
        if (world.Tamper.MayAdjust && _operator.Chance(0.5))
        {
            Adjustment = _operator.Chance(0.3) ? PolicyAdjustment.None : new PolicyAdjustment { Limit = _operator.Chance(0.1) ? 0 : (int)Math.Round(_operator.Scale(1, 16)) };
        }

        foreach (var configured in new[] { formerly, Wanted })
        {
            foreach (var adjustment in new[] { before, Adjustment })
            {
                var inForce = new AdjustedPolicy(configured, adjustment).InForce;
                MostLimit = Math.Max(MostLimit, inForce.TotalLimit);
                LeastGrant = Math.Min(LeastGrant, inForce.LargestGrant);
            }
        }
    }

    /// <summary>Gateways tell the ledger until it is in force.</summary>
    public void ReachLedger()
    {
        if (world.Newest is not { IsAlive: true } newest || world.Now < newest.PausedUntil || !newest.Apply(Wanted) || !newest.Adjust(Adjustment))
        {
            world.Events.Add(world.Now + world.Random.Between(Timeline.Second / 20, Timeline.Second / 5), EventKind.PolicyReachesLedger, -1);
        }
    }

    private void Next()
    {
        if (world.Scenario.PolicyChanges)
        {
            world.Events.Add(world.Now + world.Random.Between(Timeline.Second / 2, 8 * Timeline.Second), EventKind.Fault, -1, (long)FaultKind.PolicyChange);
        }
    }
}
