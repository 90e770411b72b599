namespace Admission.Capacity;

/// <summary>How long the clients of single tenants stay, where enough of them have been seen; the others are taken for <see cref="ClientPatience"/>'s.</summary>
/// <remarks>
/// The same estimate, bucket by bucket: where at least 32 of a tenant's own clients were present (of its last 256, which fade) their share that left counts, elsewhere that of all the backend's clients. So a tenant
/// of which nothing is known is as all are; one whose clients were seen to stay longer than others may wait longer; one whose clients leave sooner is refused sooner; and what neither of them has shown is
/// taken from all. How long answers take, and how much waste is tolerated, is the backend's.
/// <para>
/// At most 32 tenants are known: a stranger takes the place, and the number, of the one that has been seen least (Metwally, Agrawal and El Abbadi, ICDT 2005).
/// </para>
/// </remarks>
internal sealed class PatienceOfTenants(TimeProvider time, ClientPatience all)
{
    /// <summary>In a bucket in which fewer of a tenant's clients were present the backend's estimate holds: nearly three times the departures that the backend's needs before it cuts a queue.</summary>
    public const double Enough = 32;

    private const double Recent = 4_096;

    private static readonly TimeSpan FadeEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan EstimateEvery = TimeSpan.FromMilliseconds(50);

    private readonly MonotonicClock _clock = new(time);
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);

    /// <summary>The longest wait that is worth while for any tenant that comes; null for any wait.</summary>
    public TimeSpan? LongestOfAll
    {
        get
        {
            var longest = all.LongestWait;
            foreach (var (name, _) in _tenants)
            {
                longest = longest is { } known && LongestWaitOf(name) is { } own ? (own > known ? own : known) : null;
            }

            return longest;
        }
    }

    /// <summary>Takes a life's totals of a tenant.</summary>
    /// <param name="name">The tenant.</param>
    /// <param name="before">Those taken before; null for none.</param>
    /// <param name="now">The new ones.</param>
    public void Add(string name, ClientTotals? before, ClientTotals now)
    {
        if (!_tenants.TryGetValue(name, out var tenant))
        {
            var inherited = 0.0;
            if (_tenants.Count == TenantClients.Most)
            {
                var least = _tenants.MinBy(each => each.Value.Reports);
                inherited = least.Value.Reports;
                _tenants.Remove(least.Key);
            }

            _tenants.Add(name, tenant = new Tenant { Reports = inherited, FadedAt = _clock.Now });
        }

        Fade(tenant);
        tenant.Counts.Add(before, now);
        tenant.EstimatedAt = MonotonicClock.Never;
        if (++tenant.Reports >= Recent)
        {
            foreach (var each in _tenants.Values)
            {
                each.Reports /= 2;
            }
        }
    }

    /// <summary>The longest wait that is worth while for a tenant's clients; null for any.</summary>
    /// <param name="name">The tenant; null or empty for the requests without one.</param>
    public TimeSpan? LongestWaitOf(string? name)
    {
        if (string.IsNullOrEmpty(name) || !_tenants.TryGetValue(name, out var tenant))
        {
            return all.LongestWait;
        }

        Estimate(tenant);
        return tenant.LongestWait;
    }

    /// <summary>Whether a tenant's request that has waited so long would be served too late.</summary>
    public bool IsTooLate(string? name, TimeSpan waited)
    {
        if (string.IsNullOrEmpty(name) || !_tenants.TryGetValue(name, out var tenant))
        {
            return all.IsTooLate(waited);
        }

        Estimate(tenant);
        return tenant.LongestWait is { } longest && waited > longest && all.IsTooLateFor(tenant.Stays, waited);
    }

    /// <summary>The tenants that are known, for people.</summary>
    public TenantPatience[] Describe() =>
    [
        .. _tenants.OrderBy(tenant => tenant.Key, StringComparer.Ordinal).Select(tenant => new TenantPatience(
            tenant.Key, LongestWaitOf(tenant.Key), (int)tenant.Value.Counts.Present(0),
            (int)Enumerable.Range(0, PatienceBuckets.Count).Sum(tenant.Value.Counts.Left))),
    ];

    private void Fade(Tenant tenant)
    {
        var elapsed = _clock.Between(tenant.FadedAt, _clock.Now);
        if (elapsed >= FadeEvery)
        {
            tenant.FadedAt = _clock.Now;
            tenant.Counts.Fade(elapsed);
        }
    }

    private void Estimate(Tenant tenant)
    {
        var now = _clock.Now;
        if (tenant.EstimatedAt != MonotonicClock.Never && now < tenant.EstimatedAt + _clock.Ticks(EstimateEvery))
        {
            return;
        }

        Fade(tenant);
        tenant.EstimatedAt = now;
        tenant.LongestWait = all.EstimateFor(tenant.Counts, Enough, tenant.Stays);
    }

    private sealed class Tenant
    {
        public StayCounts Counts { get; } = new();

        public double[] Stays { get; } = new double[PatienceBuckets.Count + 1];

        public TimeSpan? LongestWait { get; set; }

        /// <summary>How often it was reported, lately.</summary>
        public double Reports { get; set; }

        public long FadedAt { get; set; }

        public long EstimatedAt { get; set; } = MonotonicClock.Never;
    }
}
