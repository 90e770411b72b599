namespace Admission.Capacity;

/// <summary>An operator asks for another adjustment in place of the present one.</summary>
[GenerateSerializer, Immutable, Alias("Admission.AdjustmentRequest")]
public sealed record AdjustmentRequest
{
    /// <summary>The policy's version that the operator has seen; at another one nothing is changed.</summary>
    [Id(0)] public required long ExpectedVersion { get; init; }

    /// <summary>The whole adjustment; an empty one removes it.</summary>
    [Id(1)] public required PolicyAdjustment Adjustment { get; init; }

    /// <summary>Who asks: 1 to 100 characters, for the history.</summary>
    [Id(2)] public required string By { get; init; }
}

/// <summary>What has become of an <see cref="AdjustmentRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("Admission.AdjustmentAnswer")]
public sealed record AdjustmentAnswer
{
    /// <summary>The policy's version, once what was asked for is in force.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>The policy has another version than the operator has seen: nothing is changed.</summary>
    [Id(1)] public bool IsStale { get; init; }

    /// <summary>Every reason why it is refused; empty when it is accepted.</summary>
    [Id(2)] public string[] Errors { get; init; } = [];

    /// <summary>Whether it is accepted.</summary>
    public bool IsAccepted => !IsStale && Errors.Length == 0;
}

/// <summary>A backend's policy: what is configured, what an operator has changed, and what has changed before.</summary>
[GenerateSerializer, Immutable, Alias("Admission.PolicyDescription")]
public sealed record PolicyDescription
{
    /// <summary>The version in force; each change has a higher one. 0 before the first.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>What is configured; null before the first policy.</summary>
    [Id(1)] public required BackendPolicy? Configured { get; init; }

    /// <summary>What an operator has changed; null for nothing.</summary>
    [Id(2)] public PolicyAdjustment? Adjustment { get; init; }

    /// <summary>The last changes, the newest first; at most <see cref="PolicyChange.MostKept"/>.</summary>
    [Id(3)] public PolicyChange[] History { get; init; } = [];
}

/// <summary>What pools have to know of a policy that an operator has adjusted: they have only the configured one.</summary>
/// <param name="LargestGrant">The most permits that one request can get; any number where the limit is 0, as then nobody knows.</param>
/// <param name="Waiting">Tickets that may wait, over the whole cluster.</param>
/// <param name="IsPaused">The operator has paused the backend.</param>
[GenerateSerializer, Immutable, Alias("Admission.AdjustedBounds")]
public sealed record AdjustedBounds([property: Id(0)] int LargestGrant, [property: Id(1)] int Waiting, [property: Id(2)] bool IsPaused);
