namespace Admission.Capacity;

/// <summary>Who goes first in a backend's queue, and how much of the backend is whose. <see cref="QueueOrderRules"/> says what is wrong with one.</summary>
[GenerateSerializer, Immutable, Alias("Admission.QueueOrder")]
public sealed record QueueOrder
{
    /// <summary>
    /// What <see cref="TenantBurst"/> is by default: how many requests come at once by chance has nothing to do with the limit. With so many tenants that ask for nine tenths of their share wait no
    /// longer beside one that asks for fifty times its own than if they had a priority of their own (docs/algorithms.md).
    /// </summary>
    public const int DefaultTenantBurst = 64;

    /// <summary>The order of a policy that says nothing of it.</summary>
    public static QueueOrder Default { get; } = new();

    /// <summary>
    /// The priorities that have a name or a guaranteed share. Empty (the default): <c>critical</c>, <c>normal</c> and <c>background</c> of
    /// <see cref="Priorities"/>, in strict order. A priority that is not listed has its place by its number, and no share. At most 100.
    /// </summary>
    [Id(0)] public QueueLevel[] Levels { get; init; } = [];

    /// <summary>
    /// Permits that one tenant may have in use, over the whole cluster, unless <see cref="Tenants"/> says otherwise. 1 to 1,000,000; null (the default) for
    /// no cap. Requests without a tenant have none.
    /// </summary>
    [Id(1)] public int? TenantCap { get; init; }

    /// <summary>The tenants whose weight or cap is not everybody's. Empty by default; at most 1,000.</summary>
    [Id(2)] public TenantRule[] Tenants { get; init; } = [];

    /// <summary>
    /// The burst credit: permits that a tenant which asked for less than its share may be granted before those that ask for more. 0 (none) to 1,000,000; null (the default):
    /// <see cref="DefaultTenantBurst"/>. A ledger that does not know this setting yet gives none.
    /// </summary>
    [Id(65)] public int? TenantBurst { get; init; }

    /// <summary>The priorities that have a name: <see cref="Levels"/>, or those of a policy that lists none.</summary>
    public ReadOnlySpan<QueueLevel> Named() => Levels.Length == 0 ? QueueLevel.Defaults : Levels;

    /// <summary>The number of a named priority, or null.</summary>
    /// <param name="name">The name; letter case does not matter.</param>
    public int? PriorityOf(ReadOnlySpan<char> name)
    {
        foreach (ref readonly var level in Named())
        {
            if (name.Equals(level.Name, StringComparison.OrdinalIgnoreCase))
            {
                return level.Priority;
            }
        }

        return null;
    }

    /// <summary>The permits that a tenant may have in use; null for any number.</summary>
    /// <param name="tenant">The tenant; null for none.</param>
    public int? CapOf(string? tenant)
    {
        if (string.IsNullOrEmpty(tenant))
        {
            return null;
        }

        foreach (ref readonly var rule in Tenants.AsSpan())
        {
            if (rule.Tenant == tenant && rule.Cap is { } own)
            {
                return own;
            }
        }

        return TenantCap;
    }

    /// <summary>The guaranteed share of a priority, in percent.</summary>
    /// <param name="priority">Its number.</param>
    public int ShareOf(int priority)
    {
        foreach (var level in Levels)
        {
            if (level.Priority == priority)
            {
                return level.Share;
            }
        }

        return 0;
    }

    /// <summary>By content.</summary>
    /// <param name="other">The other order.</param>
    public bool Equals(QueueOrder? other) =>
        other is not null && TenantCap == other.TenantCap && TenantBurst == other.TenantBurst && Levels.AsSpan().SequenceEqual(other.Levels) && Tenants.AsSpan().SequenceEqual(other.Tenants);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TenantCap, TenantBurst, Levels.Length, Tenants.Length);
}

/// <summary>A priority with a name or a guaranteed share.</summary>
/// <param name="Name">Its name; 1 to 50 characters, each name once, whatever the letter case.</param>
/// <param name="Priority">Its number; 0 to 99, each once. See <see cref="Priorities"/>.</param>
/// <param name="Share">
/// Percent of the granted permits that it gets at least while it has tickets, and of the queue's places that higher priorities leave it. 0 (strict order) to
/// 100; all shares together at most 100.
/// </param>
[GenerateSerializer, Immutable, Alias("Admission.QueueLevel")]
public readonly record struct QueueLevel([property: Id(0)] string Name, [property: Id(1)] int Priority, [property: Id(2)] int Share)
{
    /// <summary>The levels of a policy that lists none.</summary>
    internal static QueueLevel[] Defaults { get; } =
        [new("critical", Priorities.Critical, 0), new("normal", Priorities.Normal, 0), new("background", Priorities.Background, 0)];
}

/// <summary>A tenant whose weight or cap is not everybody's.</summary>
/// <param name="Tenant">The tenant; 1 to 200 characters, each once.</param>
/// <param name="Weight">Its part in the permits of its priority while others wait there too; everybody else's is 1. 1 to 1,000.</param>
/// <param name="Cap">Permits that it may have in use; null for <see cref="QueueOrder.TenantCap"/>. 1 to 1,000,000.</param>
[GenerateSerializer, Immutable, Alias("Admission.TenantRule")]
public readonly record struct TenantRule([property: Id(0)] string Tenant, [property: Id(1)] int Weight, [property: Id(2)] int? Cap);
