using Admission.Capacity;

namespace Admission.Dashboard.Feed.Ledgers;

/// <summary>Ledgers on silos of a version that has no short answer: while a cluster is upgraded, people look, and are told what there is.</summary>
internal static class OlderLedgers
{
    /// <summary>Asks for the short answer, and where that fails for another reason than silence, for the long one that every version has.</summary>
    public static async Task<BackendGlance> GlanceAsync(ICapacityGrain grain, long epoch, long after, bool closely)
    {
        try
        {
            return await grain.GlanceAsync(epoch, after, closely);
        }
        catch (Exception exception) when (exception is not (TimeoutException or OperationCanceledException))
        {
            // What an engine says of a method that the other side does not have differs; if the ledger itself is what fails, so does this, and says why.
            return Of(await grain.DescribeAsync());
        }
    }

    private static BackendGlance Of(BackendDescription described)
    {
        var held = described.Destinations.Sum(each => each.Booked) - described.Quarantined;
        var inUse = Math.Min(held, described.Holders.Sum(holder => holder.InUse) + described.Leased);
        return new BackendGlance
        {
            Epoch = described.Epoch,
            Status = described.Status,
            Limit = described.Occupancy.Limit,
            InUse = inUse,
            Idle = held - inUse,
            Quarantined = described.Quarantined,
            Waiting = described.Occupancy.Queued,
            QueueCapacity = described.Policy?.Waiting ?? 0,
            Holders = described.Holders.Length,
            Destinations = described.Destinations.Count(each => each.Destination.Length > 0),
            Withheld = described.Destinations.Count(each => each.Condition is DestinationCondition.Withheld or DestinationCondition.Trial),
            PolicyVersion = described.PolicyVersion,
            IsPaused = described.IsPaused,
            IsAdjusted = described.IsAdjusted,
            IsAdaptive = described.Adaptive is not null,
            SaturatedFor = described.SaturatedFor,
            CountsAreMissing = true,
            Leases = described.Leases,
            Leased = described.Leased,
        };
    }
}
