namespace Admission.Capacity;

/// <summary>
/// What an operator has changed of a backend's policy, on top of what is configured: only settings that the ledger alone decides with. It stays when the configuration changes, until it is removed.
/// <see cref="AdjustedPolicy"/> puts the two together, and says what is wrong with one.
/// </summary>
[GenerateSerializer, Immutable, Alias("Admission.PolicyAdjustment")]
public sealed record PolicyAdjustment
{
    /// <summary>None.</summary>
    public static PolicyAdjustment None { get; } = new();

    /// <summary>In place of <see cref="BackendPolicy.Limit"/>: 0 to 1,000,000; null (the default) for what is configured. Where the limit finds itself, the most that it may be.</summary>
    [Id(0)] public int? Limit { get; init; }

    /// <summary>In place of <see cref="AdaptiveLimit.Min"/>, where the limit finds itself: 1 to its maximum; null (the default) for what is configured.</summary>
    [Id(1)] public int? AdaptiveMin { get; init; }

    /// <summary>In place of <see cref="BackendPolicy.QueueCapacity"/>, where the policy waits: 1 to 100,000; null (the default) for what is configured.</summary>
    [Id(2)] public int? QueueCapacity { get; init; }

    /// <summary>Nothing is granted; what runs goes on to its end. Default false.</summary>
    [Id(3)] public bool Paused { get; init; }

    /// <summary>Destinations with a limit of the operator's, or drained; each once, none without either.</summary>
    [Id(4)] public DestinationAdjustment[] Destinations { get; init; } = [];

    /// <summary>Priorities with a guaranteed share of the operator's; each once.</summary>
    [Id(5)] public PriorityAdjustment[] Priorities { get; init; } = [];

    /// <summary>Nothing is changed.</summary>
    public bool IsEmpty => Equals(None);

    /// <summary>By content.</summary>
    /// <param name="other">The other adjustment.</param>
    public bool Equals(PolicyAdjustment? other) =>
        other is not null && Limit == other.Limit && AdaptiveMin == other.AdaptiveMin && QueueCapacity == other.QueueCapacity && Paused == other.Paused
        && Destinations.AsSpan().SequenceEqual(other.Destinations) && Priorities.AsSpan().SequenceEqual(other.Priorities);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Limit, AdaptiveMin, QueueCapacity, Paused, Destinations.Length, Priorities.Length);
}

/// <summary>What an operator has changed of a destination.</summary>
/// <param name="Destination">Its name, as the policy has it.</param>
/// <param name="Limit">In place of its limit: 0 to 1,000,000; null for what is configured.</param>
/// <param name="IsDrained">It gets nothing, whatever its limit; what runs there goes on to its end.</param>
[GenerateSerializer, Immutable, Alias("Admission.DestinationAdjustment")]
public readonly record struct DestinationAdjustment([property: Id(0)] string Destination, [property: Id(1)] int? Limit, [property: Id(2)] bool IsDrained);

/// <summary>What an operator has changed of a priority.</summary>
/// <param name="Name">Its name, as the policy has it.</param>
/// <param name="Share">In place of its guaranteed share, in percent: 0 to 100, all together at most 100.</param>
[GenerateSerializer, Immutable, Alias("Admission.PriorityAdjustment")]
public readonly record struct PriorityAdjustment([property: Id(0)] string Name, [property: Id(1)] int Share);
