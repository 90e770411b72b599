namespace Admission.Capacity;

/// <summary>How far the service of each tenant and priority was in a <see cref="Handover"/>, so that its successor goes on where it stopped.</summary>
/// <param name="Tenants">The tenants that waited or were ahead of others.</param>
/// <param name="Levels">The priorities whose guaranteed share was due.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedOrder")]
public sealed record HandedOrder([property: Id(0)] HandedTenant[] Tenants, [property: Id(1)] HandedLevel[] Levels)
{
    /// <summary>Where the clocks of the priorities were. Null in the record of an earlier version, which knew no burst credit: there the least served tenant was where the clock was.</summary>
    [Id(65)] public HandedClock[]? Clocks { get; init; }
}

/// <summary>Where the clock of a priority was: how far tenants are before it is their burst credit.</summary>
/// <param name="Priority">The priority.</param>
/// <param name="Ahead">Permits, for a weight of one, beyond the least served tenant of the priority.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedClock")]
public readonly record struct HandedClock([property: Id(0)] int Priority, [property: Id(1)] double Ahead);

/// <summary>How far the service of a tenant was.</summary>
/// <param name="Priority">The priority.</param>
/// <param name="Tenant">The tenant; empty for the requests without one.</param>
/// <param name="Ahead">Permits granted to it, for its weight, beyond the least served tenant of the priority.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedTenant")]
public readonly record struct HandedTenant([property: Id(0)] int Priority, [property: Id(1)] string Tenant, [property: Id(2)] double Ahead);

/// <summary>What was due to a priority.</summary>
/// <param name="Priority">The priority.</param>
/// <param name="Credit">Percent times permits.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedLevel")]
public readonly record struct HandedLevel([property: Id(0)] int Priority, [property: Id(1)] long Credit);
