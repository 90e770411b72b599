namespace Admission.Simulation;

/// <summary>What goes wrong in a run.</summary>
internal enum Profile
{
    /// <summary>Nothing: messages are delayed and overtake each other, limits change. The strict forms of promises 3, 4 and 5 are checked.</summary>
    Calm,

    /// <summary>Processes leave and come in good order, ledgers move by hand-over.</summary>
    Rolling,

    /// <summary>Messages are lost, doubled, and late.</summary>
    Lossy,

    /// <summary>Holders and ledgers crash and stand still.</summary>
    Crashy,

    /// <summary>Links are cut for a while.</summary>
    Partitioned,

    /// <summary>A second activation begins while the first lives on, cut off from storage, and some holders still reach it.</summary>
    SplitBrain,

    /// <summary>All of it.</summary>
    Chaos,
}

/// <summary>One run's settings, all drawn from its seed. Times are in ticks of true time.</summary>
internal sealed record Scenario
{
    public required ulong Seed { get; init; }

    public required Profile Profile { get; init; }

    public required int Holders { get; init; }

    public required BackendPolicy Policy { get; init; }

    public required TimeSpan AuthorityTtl { get; init; }

    /// <summary>
    /// Epochs are claimed, and the silo renews its ledgers' authority with one statement in every such time, as in a cluster with a database; zero if each ledger
    /// renews its own by writing its record.
    /// </summary>
    public TimeSpan Renewal { get; init; }

    public bool Claims => Renewal > TimeSpan.Zero;

    /// <summary>A silo may stand still, and be overtaken, while the answer to a renewal is on its way.</summary>
    public bool StallsRenewals { get; init; }

    /// <summary>How often an activation that gets a second one beside it loses the store at that moment.</summary>
    public double SplitCuts { get; init; } = 0.85;

    /// <summary>What the record's epoch is at first: other silos had the backend before.</summary>
    public long FirstEpoch { get; init; }

    /// <summary>Besides the promises the rules that they rest on are checked (Checks/RuleCheck.cs). Some mutants are to be caught without.</summary>
    public bool ChecksEpochs { get; init; } = true;

    public bool ChecksAuthority { get; init; } = true;

    public bool ChecksExplanations { get; init; } = true;

    public bool ChecksLate { get; init; } = true;

    public bool ChecksParts { get; init; } = true;

    public bool ChecksDelays { get; init; } = true;

    public bool HasCaps => Policy.Order is { } order && (order.TenantCap is not null || order.Tenants.Any(tenant => tenant.Cap is not null));

    /// <summary>The backend has no policy until one is applied.</summary>
    public bool StartsWithoutPolicy { get; init; }

    public bool PolicyChanges { get; init; }

    public int HeaviestRequest { get; init; } = 1;

    public int PriorityCount { get; init; } = 1;

    /// <summary>Tenants t0 to t(n-1) whose requests come; 0 for none. The first asks for more than all others.</summary>
    public int TenantCount { get; init; }

    /// <summary>Mean time between two arrivals, over all holders.</summary>
    public required long ArrivalGap { get; init; }

    /// <summary>Requests that arrive at one instant, at most.</summary>
    public int Burst { get; init; } = 1;

    public required long MeanService { get; init; }

    /// <summary>How often a waiting client leaves before its time, and how often one leaves in flight.</summary>
    public double Impatience { get; init; }

    /// <summary>With <see cref="OnLeaseLost.Cancel"/> or a crash: how often the backend notices at once; otherwise the work goes on.</summary>
    public double BackendNotices { get; init; }

    public required long LeastDelay { get; init; }

    public required long MostDelay { get; init; }

    /// <summary>How often a message takes up to <see cref="LateDelay"/>.</summary>
    public double Late { get; init; }

    public long LateDelay { get; init; }

    public double Loss { get; init; }

    public double Doubling { get; init; }

    public required long ExchangeTimeout { get; init; }

    public required long StoreDelay { get; init; }

    public required long StoreTimeout { get; init; }

    /// <summary>How often a store operation is lost on its way there or back.</summary>
    public double StoreLoss { get; init; }

    /// <summary>Mean time between two failures of destinations; 0 for none.</summary>
    public long DestinationFails { get; init; }

    /// <summary>How many of the requests are for leases that programs hold by themselves; 0 for none.</summary>
    public double Leases { get; init; }

    public TimeSpan LongestLeaseTtl { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Mean times between faults of one kind; 0 for none.</summary>
    public FaultRates Faults { get; init; } = new();

    public int ShareOf(int priority) => Policy.Order?.ShareOf(priority) ?? 0;

    /// <summary>The burst credit of each tenant, in permits.</summary>
    public int TenantCredit => Policy.Order?.TenantBurst ?? QueueOrder.DefaultTenantBurst;

    /// <summary>The permits that a tenant may have in use; null for no cap.</summary>
    public int? CapOf(string? tenant)
    {
        if (string.IsNullOrEmpty(tenant) || Policy.Order is not { } order)
        {
            return null;
        }

        foreach (var rule in order.Tenants)
        {
            if (rule.Tenant == tenant && rule.Cap is { } own)
            {
                return own;
            }
        }

        return order.TenantCap;
    }

    public int WeightOf(string tenant)
    {
        foreach (var rule in Policy.Order?.Tenants ?? [])
        {
            if (rule.Tenant == tenant)
            {
                return rule.Weight;
            }
        }

        return 1;
    }

    /// <summary>No message is lost, no process fails: one ledger, one life for each holder.</summary>
    public bool IsCalm => Profile == Profile.Calm;

    /// <summary>The longest that a message or a store operation takes when nothing is wrong.</summary>
    public long CalmDelay => Math.Max(MostDelay, StoreDelay);
}
