namespace Admission.Simulator;

/// <summary>Invented arrivals: a Poisson process, with tenants, priorities and weights drawn for each request.</summary>
public sealed record SyntheticLoad
{
    /// <summary>Requests a second.</summary>
    public required double Rate { get; init; }

    /// <summary>How long requests arrive.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The mean service time.</summary>
    public required TimeSpan Service { get; init; }

    /// <summary>The distribution of service times.</summary>
    public ServiceShape Shape { get; init; } = ServiceShape.Exponential;

    /// <summary>How many tenants there are; 0 for requests without one.</summary>
    public int Tenants { get; init; }

    /// <summary>How many times as much as each other tenant the first one asks.</summary>
    public double Greed { get; init; } = 1;

    /// <summary>The priorities, each as likely as the others.</summary>
    public IReadOnlyList<int> Priorities { get; init; } = [Capacity.Priorities.Normal];

    /// <summary>The weights, each as likely as the others.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [1];

    /// <summary>The clients' mean patience, exponentially distributed; null for clients that never leave.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>The arrivals, made as they are asked for.</summary>
    /// <param name="seed">Two loads with one seed are the same.</param>
    public IEnumerable<OfferedRequest> Arrivals(ulong seed)
    {
        var random = new SimRandom(seed);
        var names = Enumerable.Range(1, Tenants).Select(number => $"tenant-{number}").ToArray();
        for (var at = Exponential(random, 1 / Rate); at < Duration.TotalSeconds; at += Exponential(random, 1 / Rate))
        {
            yield return new OfferedRequest
            {
                At = TimeSpan.FromSeconds(at),
                Tenant = Tenants == 0 ? null : names[Tenant(random)],
                Priority = Priorities[random.Below(Priorities.Count)],
                Weight = Weights[random.Below(Weights.Count)],
                Service = TimeSpan.FromSeconds(ServiceTime(random)),
                Patience = Patience is { } mean ? TimeSpan.FromSeconds(Exponential(random, mean.TotalSeconds)) : null,
            };
        }
    }

    /// <summary>Exponentially distributed.</summary>
    /// <param name="random">Chance.</param>
    /// <param name="mean">The mean.</param>
    internal static double Exponential(SimRandom random, double mean) => -mean * Math.Log(1 - random.Unit());

    private int Tenant(SimRandom random)
    {
        var share = random.Unit() * (Greed + Tenants - 1);
        return share < Greed ? 0 : Math.Min(Tenants - 1, 1 + (int)(share - Greed));
    }

    private double ServiceTime(SimRandom random)
    {
        var mean = Service.TotalSeconds;
        return Shape switch
        {
            ServiceShape.Constant => mean,
            ServiceShape.Lognormal => mean * Math.Exp(Normal(random) - 0.5),
            _ => Exponential(random, mean),
        };
    }

    // G. Box, M. Muller, "A note on the generation of random normal deviates", 1958.
    private static double Normal(SimRandom random) => Math.Sqrt(-2 * Math.Log(1 - random.Unit())) * Math.Cos(2 * Math.PI * random.Unit());
}
