namespace Admission.Capacity;

/// <summary>What a request asks of a pool. <c>default</c> asks for one permit at normal priority, as long as the policy lets it wait.</summary>
public readonly record struct AdmissionRequest
{
    private readonly int _extraWeight;
    private readonly int _priorityOffset;

    // A nullable one would take twice the room, in every request that waits.
    private readonly TimeSpan _maxWait;
    private readonly bool _hasMaxWait;

    /// <summary>Permits needed, all at one destination; 1 to the limit, default 1.</summary>
    public int Weight
    {
        get => _extraWeight + 1;
        init => _extraWeight = value - 1;
    }

    /// <summary>Smaller is served first; 0 to 99, default <see cref="Priorities.Normal"/>.</summary>
    public int Priority
    {
        get => _priorityOffset + Priorities.Normal;
        init => _priorityOffset = value - Priorities.Normal;
    }

    /// <summary>The tenant, or null; at most 200 characters.</summary>
    public string? Tenant { get; init; }

    /// <summary>The request's own deadline, from now; null leaves it to the policy. The shorter of the two holds. Zero never waits.</summary>
    public TimeSpan? MaxWait
    {
        get => _hasMaxWait ? _maxWait : null;
        init => (_maxWait, _hasMaxWait) = (value.GetValueOrDefault(), value.HasValue);
    }

    /// <summary>
    /// The request's connection is kept alive and its client has said that it stays: <see cref="MaxWait"/> holds although it may be longer than the policy's, up to <see cref="LongestHeldWait"/>, and what other
    /// clients have shown of their patience does not count. Default false. Without a queue it changes nothing.
    /// </summary>
    public bool IsHeld { get; init; }

    /// <summary>The longest wait of a request that is held: a day.</summary>
    public static TimeSpan LongestHeldWait { get; } = TimeSpan.FromDays(1);

    /// <summary>Whether there is no <see cref="Mistake"/>.</summary>
    internal bool IsPossible => _extraWeight >= 0 && (uint)Priority <= Priorities.Lowest && (Tenant is null || Tenant.Length <= QueueOrderRules.LongestTenant);

    /// <summary>Says what is wrong with a request that nobody can make; null when nothing is.</summary>
    internal string? Mistake => this switch
    {
        { Weight: < 1 } => $"A weight of {Weight} is not possible: a request needs at least one permit.",
        { Priority: < Priorities.Critical or > Priorities.Lowest } =>
            $"A priority of {Priority} is not possible: it is a number from {Priorities.Critical} to {Priorities.Lowest}.",
        { Tenant.Length: > QueueOrderRules.LongestTenant } => $"A tenant of {Tenant.Length} characters is not possible: at most {QueueOrderRules.LongestTenant} are.",
        _ => null,
    };
}
