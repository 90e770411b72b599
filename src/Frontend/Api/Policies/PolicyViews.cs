using System.Text.Json.Serialization;
using Admission.Capacity;

namespace Admission.Frontend.Api.Policies;

/// <summary>A backend's policy as far as it can be adjusted: what is in force, what is configured, and what an operator has changed.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Version">The policy's version; also its ETag.</param>
/// <param name="TotalLimit">Permits there are in all, those of a pause included.</param>
/// <param name="Limit">The limit over all destinations; null for the sum of theirs. Where it finds itself, the most.</param>
/// <param name="AdaptiveMin">Where the limit finds itself, the least; else null.</param>
/// <param name="QueueCapacity">Tickets that may wait; null where nobody does by policy.</param>
/// <param name="Paused">Nothing is granted.</param>
/// <param name="Destinations">The destinations that have limits, by name.</param>
/// <param name="Priorities">The priorities, by name.</param>
/// <param name="Configured">The same as it is configured.</param>
/// <param name="Adjustment">What an operator has changed; null for nothing.</param>
/// <param name="NotApplied">What of the adjustment does not fit what is configured by now.</param>
/// <param name="LastChange">The last change; null if none is remembered.</param>
internal sealed record PolicyResourceView(
    string Backend, long Version, int TotalLimit, int? Limit, int? AdaptiveMin, int? QueueCapacity, bool Paused,
    IReadOnlyDictionary<string, DestinationPolicyView> Destinations, IReadOnlyDictionary<string, PriorityPolicyView> Priorities,
    ConfiguredPolicyView Configured, AdjustmentView? Adjustment, IReadOnlyList<string> NotApplied, PolicyChangeView? LastChange)
{
    public static PolicyResourceView Of(string backend, PolicyDescription described)
    {
        var adjusted = new AdjustedPolicy(described.Configured!, described.Adjustment);
        var policy = adjusted.InForce;
        var configured = ConfiguredPolicyView.Of(adjusted.Configured);
        return new PolicyResourceView(
            backend, described.Version, policy.TotalLimit, policy.Limit, policy.Adaptive?.Min, policy.Overflow == Overflow.Wait ? policy.QueueCapacity : null, adjusted.IsPaused,
            configured.Destinations.ToDictionary(each => each.Key, each => InForce(each.Key, each.Value, policy, adjusted.Adjustment), StringComparer.OrdinalIgnoreCase),
            ConfiguredPolicyView.PrioritiesOf(policy), configured, AdjustmentView.Of(adjusted.Adjustment), adjusted.Mistakes,
            described.History.Length == 0 ? null : PolicyChangeView.Of(described.History[0]));
    }

    /// <summary>Of one that is drained the limit is told that it has when it is not.</summary>
    private static DestinationPolicyView InForce(string name, DestinationPolicyView configured, BackendPolicy policy, PolicyAdjustment? adjustment)
    {
        var own = Array.Find(adjustment?.Destinations ?? [], each => string.Equals(each.Destination, name, StringComparison.OrdinalIgnoreCase));
        var limit = Array.Find(policy.Destinations, each => string.Equals(each.Destination, name, StringComparison.OrdinalIgnoreCase)).Limit;
        return own.IsDrained ? new DestinationPolicyView(own.Limit ?? configured.Limit, true) : new DestinationPolicyView(limit, false);
    }
}

/// <summary>What is configured of what can be adjusted.</summary>
internal sealed record ConfiguredPolicyView(
    int TotalLimit, int? Limit, int? AdaptiveMin, int? QueueCapacity, IReadOnlyDictionary<string, DestinationPolicyView> Destinations,
    IReadOnlyDictionary<string, PriorityPolicyView> Priorities)
{
    public static ConfiguredPolicyView Of(BackendPolicy policy) => new(
        policy.TotalLimit, policy.Limit, policy.Adaptive?.Min, policy.Overflow == Overflow.Wait ? policy.QueueCapacity : null,
        policy.Destinations.ToDictionary(each => each.Destination, each => new DestinationPolicyView(each.Limit, false), StringComparer.OrdinalIgnoreCase), PrioritiesOf(policy));

    public static Dictionary<string, PriorityPolicyView> PrioritiesOf(BackendPolicy policy) => (policy.Order ?? QueueOrder.Default).Named().ToArray()
        .ToDictionary(level => level.Name, level => new PriorityPolicyView(level.Priority, level.Share), StringComparer.OrdinalIgnoreCase);
}

/// <summary>A destination's limit, and whether it is drained.</summary>
internal sealed record DestinationPolicyView(int Limit, bool Drained);

/// <summary>A priority's number, and its guaranteed share in percent.</summary>
internal sealed record PriorityPolicyView(int Number, int Share);

/// <summary>What an operator has changed; what is not told is as configured.</summary>
internal sealed record AdjustmentView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Limit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? AdaptiveMin = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? QueueCapacity = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Paused = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, DestinationAdjustmentView>? Destinations = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, ShareView>? Priorities = null)
{
    public static AdjustmentView? Of(PolicyAdjustment? adjustment) => adjustment is null ? null : new AdjustmentView(
        adjustment.Limit, adjustment.AdaptiveMin, adjustment.QueueCapacity, adjustment.Paused,
        adjustment.Destinations.Length == 0 ? null : adjustment.Destinations.ToDictionary(each => each.Destination, each => new DestinationAdjustmentView(each.Limit, each.IsDrained)),
        adjustment.Priorities.Length == 0 ? null : adjustment.Priorities.ToDictionary(each => each.Name, each => new ShareView(each.Share)));
}

/// <summary>What an operator has changed of a destination.</summary>
internal sealed record DestinationAdjustmentView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Limit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Drained = false);

/// <summary>What an operator has changed of a priority.</summary>
internal sealed record ShareView(int Share);

/// <summary>A change of a policy.</summary>
/// <param name="Version">The policy's version from then on.</param>
/// <param name="At">When; null if it is not known.</param>
/// <param name="By">Who; null for the configuration.</param>
/// <param name="Changes">What has changed.</param>
/// <param name="More">Settings that have changed too and are not told.</param>
internal sealed record PolicyChangeView(long Version, DateTimeOffset? At, string? By, IReadOnlyList<FieldChangeView> Changes, int More)
{
    public static PolicyChangeView Of(PolicyChange change) =>
        new(change.Version, change.At, change.By, [.. change.Fields.Select(field => new FieldChangeView(field.Field, field.From, field.To))], change.More);
}

/// <summary>A setting that has changed.</summary>
internal sealed record FieldChangeView(string Field, string? From, string? To);

/// <summary>The last changes of a backend's policy, the newest first.</summary>
internal sealed record HistoryView(string Backend, IReadOnlyList<PolicyChangeView> Changes);

/// <summary>A change that an operator has made.</summary>
internal sealed record AuditEntryView(string Backend, long Version, DateTimeOffset? At, string By, IReadOnlyList<FieldChangeView> Changes, int More);

/// <summary>What operators have changed, over all backends, the newest first.</summary>
/// <param name="Entries">The changes.</param>
/// <param name="Missing">Backends whose ledgers did not answer.</param>
internal sealed record AuditView(IReadOnlyList<AuditEntryView> Entries, IReadOnlyList<string> Missing);
