namespace Admission.Capacity;

/// <summary>The bounds of leases that programs take for themselves.</summary>
public static class LeaseRules
{
    /// <summary>The shortest time-to-live.</summary>
    public static TimeSpan ShortestTtl { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time-to-live.</summary>
    public static TimeSpan LongestTtl { get; } = TimeSpan.FromHours(1);

    /// <summary>The time-to-live of who does not say.</summary>
    public static TimeSpan DefaultTtl { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Leases that one call renews, releases or tells at most.</summary>
    public const int MostPerCall = 1_000;

    /// <summary>Leases that one report hands over at most; the rest go with the next.</summary>
    public const int MostPerReport = 1_000;

    /// <summary>The longest name by which a lease goes on the wire.</summary>
    public const int LongestKey = 64;

    /// <summary>Says what is wrong with what a report hands over; null when nothing is.</summary>
    internal static string? Mistake(LeaseHandOver[] handOvers)
    {
        if (handOvers.Length > MostPerReport)
        {
            return $"{handOvers.Length} leases are handed over at once; at most {MostPerReport} are possible.";
        }

        var last = 0L;
        foreach (ref readonly var handed in handOvers.AsSpan())
        {
            if (handed.Number <= last || string.IsNullOrEmpty(handed.Key) || handed.Key.Length > LongestKey || handed.Destination is null || handed.Permits < 1
                || handed.Ttl < ShortestTtl || handed.Ttl > LongestTtl || handed.Tenant?.Length > QueueOrderRules.LongestTenant)
            {
                return $"A lease cannot have the number {handed.Number} after {last}, {handed.Permits} permits and a time-to-live of {handed.Ttl}.";
            }

            last = handed.Number;
        }

        return null;
    }
}
