using Admission.Capacity;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>A backend at one instant. Durations are in seconds.</summary>
internal sealed record BackendView(
    string Id, string Status, int? Limit, int? InUse, int? Queued, int? Quarantined, double? RetryAfter, long? Epoch, long? PolicyVersion, PolicyView? Policy,
    IReadOnlyList<DestinationView> Destinations, IReadOnlyList<HolderView> Holders, string? Error = null)
{
    public static BackendView Of(string id, BackendDescription described) => new(
        id,
        KebabCase.Of(described.Status),
        described.Occupancy.Limit,
        described.Occupancy.InUse,
        described.Occupancy.Queued,
        described.Quarantined,
        described.Occupancy.RetryAfter.TotalSeconds,
        described.Epoch,
        described.PolicyVersion,
        described.Policy is { } policy ? PolicyView.Of(policy) : null,
        [.. described.Destinations.Select(each => new DestinationView(each.Destination, each.Limit, each.Booked))],
        [.. described.Holders.Select(each => new HolderView(each.Holder, each.Incarnation, each.Booked, each.InUse, each.Queued, each.LeaseLeft.TotalSeconds))]);

    public static BackendView Unreachable(string id, string error) => new(id, "unreachable", null, null, null, null, null, null, null, null, [], [], error);
}

/// <summary>A policy. Durations are in seconds.</summary>
internal sealed record PolicyView(
    int Limit, string Overflow, int QueueCapacity, double MaxWait, double LeaseTtl, double RunTimeout, double Quarantine, bool StopsWhenAbandoned, string OnLeaseLost)
{
    public static PolicyView Of(BackendPolicy policy) => new(
        policy.TotalLimit, KebabCase.Of(policy.Overflow), policy.Waiting, policy.MaxWait.TotalSeconds, policy.LeaseTtl.TotalSeconds,
        policy.RunTimeout.TotalSeconds, policy.EffectiveQuarantine.TotalSeconds, policy.StopsWhenAbandoned, KebabCase.Of(policy.OnLeaseLost));
}

/// <summary>A destination with its limit, and the permits that are booked there.</summary>
internal sealed record DestinationView(string Id, int Limit, int Booked);

/// <summary>A holder's life and what is booked for it.</summary>
internal sealed record HolderView(string Holder, long Incarnation, int Booked, int InUse, int Queued, double LeaseLeft);
