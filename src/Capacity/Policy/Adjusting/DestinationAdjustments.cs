namespace Admission.Capacity;

/// <summary>Makes a new adjustment of the present one, where one destination changes and the others stay. A destination that does not exist is kept in it, so that the ledger refuses it by name.</summary>
public static class DestinationAdjustments
{
    /// <summary>Drains a destination, or ends that.</summary>
    /// <param name="present">The present adjustment.</param>
    /// <param name="configured">The policy as it is configured; null before the first.</param>
    /// <param name="destination">The destination; letter case does not matter.</param>
    /// <param name="drained">Whether it gets nothing.</param>
    public static PolicyAdjustment WithDrained(this PolicyAdjustment present, BackendPolicy? configured, string destination, bool drained)
    {
        ArgumentNullException.ThrowIfNull(present);
        return present.With(configured, destination, own => own with { IsDrained = drained });
    }

    /// <summary>Gives a destination a limit of the operator's, or the configured one again.</summary>
    /// <param name="present">The present adjustment.</param>
    /// <param name="configured">The policy as it is configured; null before the first.</param>
    /// <param name="destination">The destination; letter case does not matter.</param>
    /// <param name="limit">Its limit; null for what is configured.</param>
    public static PolicyAdjustment WithLimit(this PolicyAdjustment present, BackendPolicy? configured, string destination, int? limit)
    {
        ArgumentNullException.ThrowIfNull(present);
        return present.With(configured, destination, own => own with { Limit = limit });
    }

    private static PolicyAdjustment With(this PolicyAdjustment present, BackendPolicy? configured, string destination, Func<DestinationAdjustment, DestinationAdjustment> change)
    {
        var known = Array.Find(configured?.Destinations ?? [], each => Same(each.Destination)).Destination;
        var own = change(Array.Find(present.Destinations, each => Same(each.Destination)) with { Destination = known ?? destination });
        var others = present.Destinations.Where(each => !Same(each.Destination));

        // One that does not exist is refused for it, also where it would change nothing.
        return own is { Limit: null, IsDrained: false } && known is not null
            ? present with { Destinations = [.. others] }
            : present with { Destinations = [.. others.Append(own).OrderBy(each => each.Destination, StringComparer.Ordinal)] };

        bool Same(string name) => string.Equals(name, destination, StringComparison.OrdinalIgnoreCase);
    }
}
