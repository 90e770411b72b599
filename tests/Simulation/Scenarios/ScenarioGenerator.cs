namespace Admission.Simulation;

/// <summary>
/// Draws a run from its seed. Times are short against the run, so that leases, authority and quarantines end many times within
/// 5,000 steps, and the offered load is around the limit, so that both idle permits and queues occur.
/// </summary>
internal static class ScenarioGenerator
{
    private const long Ms = Timeline.Millisecond;
    private const long Second = Timeline.Second;

    public static Scenario Draw(ulong seed, Profile? only = null)
    {
        var random = new SimRandom(seed ^ 0xA5A5_5A5A_0F0F_F0F0UL);
        var drawn = random.Pick(Profile.Calm, Profile.Calm, Profile.Rolling, Profile.Lossy, Profile.Crashy, Profile.Partitioned, Profile.SplitBrain, Profile.Chaos);
        var profile = only ?? drawn;
        var limit = DrawLimit(random);
        var runTimeout = (long)random.Scale(100 * Ms, 1500 * Ms);
        var arrivals = random.Scale(8, 60);
        var mostWeight = random.Chance(0.15) ? Math.Min(limit, 1 + random.Below(4)) : 1;
        var load = random.Between(0.3, 2.5);
        var service = load * limit / arrivals / ((mostWeight + 1) / 2.0);
        var queue = new SimRandom(seed ^ 0x14);
        var policy = DrawPolicy(random, limit) with
        {
            RunTimeout = TimeSpan.FromTicks(runTimeout),
            IgnoresPatience = queue.Chance(0.2),
            Discipline = queue.Pick(QueueDiscipline.Fifo, QueueDiscipline.Fifo, QueueDiscipline.CoDel, QueueDiscipline.AdaptiveLifo),
        };
        if (random.Chance(0.2))
        {
            policy = policy with { Quarantine = TimeSpan.FromTicks((long)(runTimeout * random.Between(1, 1.5))) };
        }

        var mostDelay = (long)random.Scale(1 * Ms, 25 * Ms);
        var scenario = new Scenario
        {
            Seed = seed,
            Profile = profile,
            Holders = DrawHolders(random),
            Policy = policy,
            AuthorityTtl = TimeSpan.FromTicks((long)random.Scale(1.0 * Second, 4.0 * Second)),
            StartsWithoutPolicy = random.Chance(0.05),
            PolicyChanges = random.Chance(0.4),
            HeaviestRequest = mostWeight,
            PriorityCount = random.Chance(0.25) ? 1 + random.Below(4) : 1,
            ArrivalGap = (long)(Second / arrivals),
            Burst = random.Chance(0.3) ? 2 + random.Below(Math.Min(2 * limit, 30)) : 1,
            MeanService = Math.Max(2 * Ms, Math.Min((long)(service * Second), (long)(0.6 * runTimeout))),
            Impatience = random.Chance(0.5) ? random.Between(0, 0.4) : 0,
            BackendNotices = random.Pick(0, 0.5, 0.9),
            LeastDelay = mostDelay / 20,
            MostDelay = mostDelay,
            ExchangeTimeout = (long)random.Between(0.5 * Second, 2 * Second),
            StoreDelay = (long)random.Scale(1 * Ms, 20 * Ms),
            StoreTimeout = (long)random.Between(0.2 * Second, 1.0 * Second),
        };
        var complete = WithFailingDestinations(WithOrder(WithClaims(WithFaults(scenario, random), random)), random);
        return WithLeases(WithAdaptiveLimit(complete, new SimRandom(seed ^ 0x11A1_7F1D_0000_0001UL)), new SimRandom(seed ^ 0x1EA5_E5EE_D000_0001UL));
    }

    /// <summary>
    /// In one run in three programs take leases. Not where destinations fail, because nobody sees how their work ends, and not in calm runs with caps, whose books are counted from what pools report.
    /// </summary>
    private static Scenario WithLeases(Scenario scenario, SimRandom random) =>
        !random.Chance(1.0 / 3) || scenario.DestinationFails > 0 || (scenario.IsCalm && scenario.HasCaps)
            ? scenario
            : scenario with { Leases = random.Pick(0.05, 0.2, 0.6), LongestLeaseTtl = TimeSpan.FromSeconds(random.Between(1.0, 3.0)) };

    /// <summary>In one run in five the limit finds itself, and what was drawn for it is the most that it may be. Nothing else of the run is drawn differently.</summary>
    private static Scenario WithAdaptiveLimit(Scenario scenario, SimRandom random)
    {
        if (!random.Chance(0.2))
        {
            return scenario;
        }

        var most = scenario.Policy.TotalLimit;
        var least = 1 + random.Below(Math.Min(3, most));
        var adaptive = new AdaptiveLimit
        {
            Algorithm = random.Pick(LimitAlgorithm.Gradient2, LimitAlgorithm.Aimd, LimitAlgorithm.Vegas),
            Min = least,
            Initial = random.Chance(0.5) ? least + random.Below(most - least + 1) : null,
        };
        return scenario with { Policy = scenario.Policy with { Adaptive = adaptive } };
    }

    private static int DrawHolders(SimRandom random)
    {
        var size = random.Unit();
        return size < 0.85 ? 1 + random.Below(5) : size < 0.985 ? 6 + random.Below(15) : 200 + random.Below(100);
    }

    private static int DrawLimit(SimRandom random) => (int)Math.Round(random.Scale(1, 64));

    private static BackendPolicy DrawPolicy(SimRandom random, int limit)
    {
        var policy = new BackendPolicy
        {
            Limit = limit,
            Overflow = random.Chance(0.6) ? Overflow.Wait : Overflow.Refuse,
            QueueCapacity = 1 + random.Below(random.Pick(4, 20, 60)),
            MaxWait = TimeSpan.FromMilliseconds(random.Scale(200, 3000)),
            LeaseTtl = TimeSpan.FromSeconds(random.Between(1, 1.6)),
            OnLeaseLost = random.Pick(OnLeaseLost.Cancel, OnLeaseLost.Continue),
            StopsWhenAbandoned = random.Chance(0.2),
        };
        return random.Chance(0.4) ? policy with { Destinations = DrawDestinations(random, limit), Limit = random.Chance(0.3) ? limit : null } : policy;
    }

    /// <summary>Spreads a limit over some of the destinations d1 to d8.</summary>
    public static DestinationLimit[] DrawDestinations(SimRandom random, int limit)
    {
        var count = 1 + random.Below(Math.Min(5, limit));
        var first = random.Below(8);
        var destinations = new DestinationLimit[count];
        for (var i = 0; i < count; i++)
        {
            var share = (limit / count) + (i < limit % count ? 1 : 0);
            destinations[i] = new DestinationLimit(LimitCheck.NameOf(1 + ((first + i) % 8)), share);
        }

        return destinations;
    }

    /// <summary>
    /// One run in two has an order of its own: priorities with shares, tenants with weights, now and then with caps. Drawn apart, so that the others stay as they were.
    /// </summary>
    private static Scenario WithOrder(Scenario scenario)
    {
        var random = new SimRandom(scenario.Seed ^ 0x0DDB_A115_0F0D_DB0DUL);
        if (random.Chance(0.5))
        {
            return scenario;
        }

        var priorities = random.Chance(0.5) ? scenario.PriorityCount : 2 + random.Below(3);
        var tenants = random.Chance(0.7) ? 2 + random.Below(4) : 0;
        var limit = scenario.Policy.TotalLimit;
        var credit = new SimRandom(scenario.Seed ^ 0xC4ED_17C4_ED17_C4EDUL);
        var order = new QueueOrder
        {
            TenantBurst = credit.Pick(0, credit.Below(4), 1 + credit.Below(20), -1) is var burst and >= 0 ? burst : null,
            Levels = [.. Enumerable.Range(0, priorities).Select(number => new QueueLevel($"p{number}", 5 * number, random.Chance(0.5) ? random.Below(100 / priorities) : 0))],
            TenantCap = tenants > 0 && random.Chance(0.2) ? 1 + random.Below(limit) : null,
            Tenants = [.. Enumerable.Range(0, tenants).Select(number =>
                new TenantRule($"t{number}", random.Chance(0.5) ? 1 : 1 + random.Below(5), random.Chance(0.15) ? 1 + random.Below(limit) : null))],
        };
        return scenario with { PriorityCount = priorities, TenantCount = tenants, Policy = scenario.Policy with { Order = order } };
    }

    /// <summary>One run in two has many silos and a database.</summary>
    private static Scenario WithClaims(Scenario scenario, SimRandom random)
    {
        var renewal = random.Chance(0.5) ? scenario.AuthorityTtl / random.Between(3.0, 6.0) : TimeSpan.Zero;
        return scenario with { Renewal = renewal, FirstEpoch = random.Chance(0.2) ? 1 + random.Below(9) : 0, StallsRenewals = random.Chance(0.5) };
    }

    /// <summary>In one run in three the backend's destinations fail and come back.</summary>
    private static Scenario WithFailingDestinations(Scenario scenario, SimRandom random)
    {
        if (!random.Chance(1.0 / 3))
        {
            return scenario;
        }

        var shortest = TimeSpan.FromMilliseconds(random.Scale(20, 300));
        return scenario with
        {
            DestinationFails = (long)random.Scale(0.3 * Second, 4.0 * Second),
            Policy = scenario.Policy with
            {
                Ejection = new EjectionPolicy { Failures = 1 + random.Below(4), ShortestPause = shortest, LongestPause = shortest * random.Between(1.0, 8.0) },
                SlowStart = random.Chance(0.3) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Scale(100, 2000)),
            },
        };
    }

    private static Scenario WithFaults(Scenario scenario, SimRandom random)
    {
        var seconds = (double least, double most) => (long)(random.Between(least, most) * Second);
        var profile = scenario.Profile;
        var lossy = profile is Profile.Lossy or Profile.Chaos || (profile is Profile.Partitioned or Profile.SplitBrain or Profile.Crashy && random.Chance(0.4));
        if (lossy)
        {
            scenario = scenario with
            {
                Loss = random.Scale(0.01, 0.2),
                Doubling = random.Scale(0.01, 0.15),
                Late = random.Scale(0.005, 0.3),
                LateDelay = seconds(0.1, 1.0),
                StoreLoss = random.Pick(0, 0.02, 0.1),
            };
        }

        var chaos = profile == Profile.Chaos;
        var faults = new FaultRates();
        if (profile == Profile.Rolling)
        {
            faults = faults with { HandOver = seconds(1, 6), HolderLeave = seconds(2, 8) };
        }

        if (chaos || profile == Profile.Crashy)
        {
            faults = faults with
            {
                HolderCrash = seconds(2, 8),
                HolderPause = seconds(2, 8),
                LedgerCrash = seconds(4, 12),
                LedgerPause = seconds(4, 12),
                HolderLeave = random.Chance(0.3) ? seconds(4, 10) : 0,
                HandOver = random.Chance(0.3) ? seconds(4, 10) : 0,
            };
        }

        if (chaos || profile == Profile.Partitioned)
        {
            faults = faults with
            {
                HolderCut = seconds(0.7, 4),
                LedgerCut = seconds(3, 10),
                StoreCut = seconds(3, 10),
                LedgerCrash = random.Chance(0.6) ? seconds(5, 12) : faults.LedgerCrash,
            };
        }

        if (chaos || profile == Profile.SplitBrain)
        {
            faults = faults with
            {
                SecondActivation = seconds(2, 7),
                HolderCut = random.Chance(0.6) ? seconds(1, 5) : faults.HolderCut,
                HolderPause = random.Chance(0.4) ? seconds(2, 8) : faults.HolderPause,
                HolderCrash = random.Chance(0.5) ? seconds(2, 8) : faults.HolderCrash,
                HandOver = random.Chance(0.3) ? seconds(4, 10) : faults.HandOver,
            };
        }

        return scenario with { Faults = faults };
    }
}
