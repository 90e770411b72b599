namespace Admission.Capacity;

/// <summary>A change of a backend's policy, for its history.</summary>
[GenerateSerializer, Immutable, Alias("Admission.PolicyChange")]
public sealed record PolicyChange
{
    /// <summary>Changes that a ledger remembers; the oldest are forgotten.</summary>
    public const int MostKept = 100;

    /// <summary>Settings that one change tells.</summary>
    public const int MostFields = 16;

    /// <summary>The policy's version from then on.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>When, by the clock of the silo that had the ledger; null if it did not say.</summary>
    [Id(1)] public DateTimeOffset? At { get; init; }

    /// <summary>Who: a name of at most 100 characters; null for the configuration.</summary>
    [Id(2)] public string? By { get; init; }

    /// <summary>What has changed; at most <see cref="MostFields"/>.</summary>
    [Id(3)] public required FieldChange[] Fields { get; init; }

    /// <summary>Settings that have changed too and are not told.</summary>
    [Id(4)] public int More { get; init; }
}

/// <summary>A setting that has changed, in a <see cref="PolicyChange"/>.</summary>
/// <param name="Field">Its name, as in the admin API.</param>
/// <param name="From">What it was; null for nothing. At most 100 characters.</param>
/// <param name="To">What it is; null for nothing. At most 100 characters.</param>
[GenerateSerializer, Immutable, Alias("Admission.FieldChange")]
public readonly record struct FieldChange([property: Id(0)] string Field, [property: Id(1)] string? From, [property: Id(2)] string? To);
