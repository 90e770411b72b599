namespace Admission.Capacity;

/// <summary>A policy in force, or one to be: what is configured, what an operator has changed of it, and how it came to be so. Written and replaced as a whole.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="History">The last changes, the oldest first.</param>
internal sealed record PolicySetting(AdjustedPolicy Policy, PolicyChange[] History)
{
    /// <summary>What pools have to know, where an operator has changed anything; else null.</summary>
    public AdjustedBounds? Bounds { get; } = Policy.Adjustment is null ? null : new AdjustedBounds(
        Policy.InForce.TotalLimit > 0 ? Policy.InForce.LargestGrant : int.MaxValue, Policy.InForce.Waiting, Policy.IsPaused);

    /// <summary>The next one, with one more change in its history.</summary>
    public static PolicySetting After(PolicySetting? former, AdjustedPolicy policy, long version, DateTimeOffset? at, string? by) =>
        new(policy, [.. (former?.History ?? []).TakeLast(PolicyChange.MostKept - 1), PolicyFields.Change(former?.Policy, policy, version, at, by)]);
}
