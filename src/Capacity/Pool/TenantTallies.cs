namespace Admission.Capacity;

/// <summary>
/// One life's counts of how long the clients of its busiest tenants stayed: a stranger takes the place, and the number of requests, of the tenant with the fewest (the Space-Saving algorithm: A. Metwally, D. Agrawal,
/// A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005). Guarded by the pool's lock.
/// </summary>
internal sealed class TenantTallies
{
    /// <summary>Of fewer clients nothing is reported: most strangers never come again.</summary>
    private const int LeastSeen = 8;

    /// <summary>After so many requests all numbers are halved, so that who was busy long ago does not stay.</summary>
    private const long Recent = 100_000;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _counts;
    private long _requests;

    /// <summary>The counts of a tenant, of which one more request is seen.</summary>
    public ClientTally Of(string tenant)
    {
        if (++_requests >= Recent)
        {
            _requests = 0;
            foreach (var each in _entries.Values)
            {
                each.Requests /= 2;
            }
        }

        if (!_entries.TryGetValue(tenant, out var entry))
        {
            var inherited = 0L;
            if (_entries.Count == TenantClients.Most)
            {
                var fewest = _entries.MinBy(each => each.Value.Requests);
                inherited = fewest.Value.Requests;
                _entries.Remove(fewest.Key);
            }

            _entries.Add(tenant, entry = new Entry(++_counts) { Requests = inherited });
        }

        entry.Requests++;
        entry.Seen++;
        return entry.Tally;
    }

    /// <summary>The totals that the ledger does not have yet; null for none.</summary>
    /// <param name="report">The report that will carry them.</param>
    /// <param name="acknowledged">The newest report that the ledger has acknowledged; 0 for none.</param>
    public TenantClients[]? News(long report, long acknowledged)
    {
        List<TenantClients>? news = null;
        foreach (var (tenant, entry) in _entries)
        {
            if (entry.Seen >= LeastSeen && entry.Tally.News(report, acknowledged) is { } totals)
            {
                (news ??= []).Add(new TenantClients(tenant, entry.Count, totals));
            }
        }

        return news?.ToArray();
    }

    private sealed class Entry(long count)
    {
        public long Count { get; } = count;

        public ClientTally Tally { get; } = new();

        public long Requests { get; set; }

        public long Seen { get; set; }
    }
}
