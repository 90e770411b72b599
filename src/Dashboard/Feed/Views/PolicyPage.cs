using Admission.Capacity;

namespace Admission.Dashboard.Feed;

/// <summary>A backend's policy: what is in force, what is configured, what an operator has changed, and what has changed before.</summary>
/// <param name="Version">The version in force, to be given with a change.</param>
/// <param name="InForce">The policy in force. A pause is not in it: <paramref name="IsPaused"/>.</param>
/// <param name="Configured">The policy without what an operator has changed.</param>
/// <param name="IsPaused">An operator has paused the backend.</param>
/// <param name="IsAdjusted">An operator has changed something, so that it can be reset.</param>
/// <param name="Priorities">The priorities with their guaranteed shares.</param>
/// <param name="History">The last changes, the newest first, at most 100.</param>
public sealed record PolicyPage(
    long Version, BackendPolicy InForce, BackendPolicy Configured, bool IsPaused, bool IsAdjusted, IReadOnlyList<PriorityRow> Priorities, IReadOnlyList<ChangeRow> History);

/// <summary>A priority.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its number; smaller is served first.</param>
/// <param name="Share">Percent of the granted permits that it gets at least.</param>
/// <param name="ConfiguredShare">The same without what an operator has changed.</param>
public sealed record PriorityRow(string Name, int Number, int Share, int ConfiguredShare);

/// <summary>A change of a policy.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Version">The version from then on.</param>
/// <param name="At">When; null if that was not said.</param>
/// <param name="By">Who; null for the configuration.</param>
/// <param name="Fields">What, from what, to what.</param>
/// <param name="More">Settings that changed too and are not told.</param>
public sealed record ChangeRow(string Backend, long Version, DateTimeOffset? At, string? By, IReadOnlyList<FieldChange> Fields, int More);

/// <summary>What operators have changed, over all backends, the newest first.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="Missing">Backends whose ledgers do not answer, at most 50 of them.</param>
public sealed record AuditPage(IReadOnlyList<ChangeRow> Changes, IReadOnlyList<string> Missing);

/// <summary>What has become of a change.</summary>
/// <param name="Outcome">Whether it is in force.</param>
/// <param name="Version">The version in force; null if that is not known.</param>
/// <param name="Reasons">Every reason why it is not; empty if it is.</param>
public sealed record ChangeAnswer(ChangeOutcome Outcome, long? Version, IReadOnlyList<string> Reasons);

/// <summary>Whether a change is in force.</summary>
public enum ChangeOutcome
{
    /// <summary>It is, durably.</summary>
    Changed,

    /// <summary>It is not: the policy was changed meanwhile by somebody else. Look at it again.</summary>
    Conflict,

    /// <summary>It is not: something of it is wrong.</summary>
    Refused,

    /// <summary>Nobody knows yet: the ledger did not answer, or could not write. Look at the policy before trying again.</summary>
    Unknown,
}
