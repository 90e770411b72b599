using Admission.Capacity;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>A backend at one instant. Durations are in seconds.</summary>
internal sealed record BackendView(
    string Id, string Status, int? Limit, int? InUse, int? Queued, int? Quarantined, double? RetryAfter, long? Epoch, long? PolicyVersion, PolicyView? Policy,
    IReadOnlyList<DestinationView> Destinations, IReadOnlyList<HolderView> Holders, HereView? Here, string? Error = null,
    double? LongestWait = null, double? Waste = null, long? RunTimeouts = null, long? ClientsLeft = null, AdaptiveView? Adaptive = null, double? SaturatedFor = null, ShadowView? Shadow = null, IReadOnlyList<TenantPatienceView>? TenantPatience = null,
    int? Idle = null, int? Booked = null, bool? Paused = null, bool? Adjusted = null, int? Leases = null, int? Leased = null)
{
    /// <summary>Describes a backend.</summary>
    /// <param name="id">The backend.</param>
    /// <param name="described">What its ledger says.</param>
    /// <param name="here">What this gateway holds.</param>
    /// <param name="process">This process's name among the holders.</param>
    public static BackendView Of(string id, BackendDescription described, PoolState? here, string process)
    {
        var booked = described.Destinations.Sum(each => each.Booked);
        var held = booked - described.Quarantined;
        var inUse = Math.Min(held, described.Holders.Sum(holder => UsedBy(holder, here, process)) + described.Leased);
        return Of(id, described, here) with { InUse = inUse, Idle = held - inUse, Booked = booked, Paused = described.IsPaused, Adjusted = described.IsAdjusted, Leases = described.Leases, Leased = described.Leased };
    }

    /// <summary>A holder reports no release as long as nobody waits, so its last report may be seconds old. Of this process it is known how it stands.</summary>
    private static int UsedBy(HolderDescription holder, PoolState? here, string process) =>
        here is { HasLease: true } known && holder.Holder.StartsWith($"{process}-", StringComparison.Ordinal) ? Math.Min(known.InUse, holder.Booked) : holder.InUse;

    private static BackendView Of(string id, BackendDescription described, PoolState? here) => new(
        id,
        KebabCase.Of(described.Status),
        described.Occupancy.Limit,
        null,
        described.Occupancy.Queued,
        described.Quarantined,
        described.Occupancy.RetryAfter.TotalSeconds,
        described.Epoch,
        described.PolicyVersion,
        described.Policy is { } policy ? PolicyView.Of(policy) : null,
        DestinationView.All(described),
        HolderView.All(described),
        HereView.Of(here),
        LongestWait: described.LongestWait?.TotalSeconds,
        Waste: described.Waste,
        RunTimeouts: described.RunTimeouts,
        ClientsLeft: described.ClientsLeft,
        Adaptive: AdaptiveView.Of(described.Adaptive),
        SaturatedFor: described.SaturatedFor?.TotalSeconds,
        TenantPatience: [.. described.TenantPatience.Select(each => new TenantPatienceView(each.Tenant, each.LongestWait?.TotalSeconds, each.Seen, each.Left))]);

    public static BackendView Unreachable(string id, string error, PoolState? here) =>
        new(id, "unreachable", null, null, null, null, null, null, null, null, [], [], HereView.Of(here), error);

    /// <summary>One whose policy is not enforced, so that there is nothing to say but what it would have done.</summary>
    public static BackendView NotProtected(string id) => new(id, "not-protected", null, null, null, null, null, null, null, null, [], [], null);
}

/// <summary>How this gateway stands with a backend: known also while the ledger does not answer.</summary>
/// <param name="Held">Permits that it holds.</param>
/// <param name="InUse">Those in use.</param>
/// <param name="Waiting">Requests that wait here.</param>
/// <param name="LeaseLeft">Seconds for which it may go on if the ledger does not answer; 0 without a lease.</param>
/// <param name="DetachedFor">Seconds since the ledger last booked a report, once it does not answer or may not grant; else null.</param>
/// <param name="Exchanges">Messages to the ledger since it started.</param>
internal sealed record HereView(int Held, int InUse, int Waiting, double LeaseLeft, double? DetachedFor, long Exchanges)
{
    public static HereView? Of(PoolState? state) => state is { } here
        ? new HereView(here.Held, here.InUse, here.Waiting, here.LeaseLeft.TotalSeconds, here.IsDetached ? here.DetachedFor.TotalSeconds : null, here.Exchanges)
        : null;
}

/// <summary>A limit that finds itself; the present one is the backend's <c>limit</c>.</summary>
/// <param name="Algorithm">How it finds itself.</param>
/// <param name="Min">The least that it may be.</param>
/// <param name="Max">The most that it may be.</param>
/// <param name="UnloadedTime">Seconds for which a permit is in use when the backend has no queue, as learned so far; null while that is not known.</param>
/// <param name="Found">The limit that was found, were every destination in service.</param>
internal sealed record AdaptiveView(string Algorithm, int Min, int Max, double? UnloadedTime, int Found)
{
    public static AdaptiveView? Of(LimitDescription? limit) =>
        limit is null ? null : new AdaptiveView(KebabCase.Of(limit.Algorithm), limit.Min, limit.Max, limit.UnloadedTime?.TotalSeconds, limit.Found);
}

/// <summary>How long the clients of one tenant stay.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="LongestWait">The longest wait that is worth while for them, in seconds; null for any.</param>
/// <param name="Seen">Its clients that count at present.</param>
/// <param name="Left">Those of them that left.</param>
internal sealed record TenantPatienceView(string Tenant, double? LongestWait, int Seen, int Left);

/// <summary>A policy. Durations are in seconds.</summary>
internal sealed record PolicyView(
    int Limit, string Overflow, int QueueCapacity, double MaxWait, double LeaseTtl, double RunTimeout, double Quarantine, bool StopsWhenAbandoned, string OnLeaseLost,
    string Patience, string Discipline, double ExplainWaitsOver)
{
    public static PolicyView Of(BackendPolicy policy) => new(
        policy.TotalLimit, KebabCase.Of(policy.Overflow), policy.Waiting, policy.MaxWait.TotalSeconds, policy.LeaseTtl.TotalSeconds,
        policy.RunTimeout.TotalSeconds, policy.EffectiveQuarantine.TotalSeconds, policy.StopsWhenAbandoned, KebabCase.Of(policy.OnLeaseLost),
        policy.IgnoresPatience ? "off" : "learn", KebabCase.Of(policy.Discipline), policy.ExplainWaitsOver.TotalSeconds);
}

/// <summary>A destination with its limit, and the permits that are booked there.</summary>
/// <param name="Id">Its name; empty where the policy names none.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="Booked">Permits that holders have or may have.</param>
/// <param name="Open">As much of the limit as may be granted at present.</param>
/// <param name="State">In service, withheld, trial or slow start; draining or drained where the limit is 0.</param>
/// <param name="Left">Seconds until its trial may begin, or its slow start ends; else null.</param>
internal sealed record DestinationView(string Id, int Limit, int Booked, int Open, string State, double? Left)
{
    /// <summary>All of a backend, those too that the ledger has forgotten because nothing is there any more.</summary>
    public static IReadOnlyList<DestinationView> All(BackendDescription described)
    {
        var known = described.Destinations.Select(each => each.Destination).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. described.Destinations.Select(each => Of(each)),
            .. (described.Policy?.Destinations ?? []).Where(each => !known.Contains(each.Destination)).Select(each => new DestinationView(each.Destination, each.Limit, 0, 0, "drained", null)),
        ];
    }

    private static DestinationView Of(DestinationDescription described) => new(
        described.Destination, described.Limit, described.Booked, described.Open,
        described.Limit > 0 || described.Destination.Length == 0 ? KebabCase.Of(described.Condition) : described.Booked > 0 ? "draining" : "drained", described.Left?.TotalSeconds);
}

/// <summary>A holder's life and what is booked for it.</summary>
internal sealed record HolderView(string Holder, long Incarnation, int Booked, int InUse, int Queued, double LeaseLeft)
{
    public static IReadOnlyList<HolderView> All(BackendDescription described) =>
        [.. described.Holders.Select(each => new HolderView(each.Holder, each.Incarnation, each.Booked, each.InUse, each.Queued, each.LeaseLeft.TotalSeconds))];
}
