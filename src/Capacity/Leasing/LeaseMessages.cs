namespace Admission.Capacity;

/// <summary>
/// Permits that leave a pool and become a lease of their own. Part of a pool's state until the ledger has said what became of it, so it may be told again and again.
/// </summary>
/// <param name="Number">Its number at the pool; grows with each.</param>
/// <param name="Key">The lease's name at the ledger: a digest of its id, so that who sees the name cannot use the lease.</param>
/// <param name="Destination">The destination; empty where the policy names none.</param>
/// <param name="Permits">How many permits; at least 1. What the report holds does not contain them any more.</param>
/// <param name="Ttl">The lease's time-to-live; 1 s to 1 h.</param>
/// <param name="Tenant">Whose lease it is, or null.</param>
/// <param name="Priority">The priority that it was asked for with.</param>
[GenerateSerializer, Immutable, Alias("Admission.LeaseHandOver")]
public readonly record struct LeaseHandOver(
    [property: Id(0)] long Number, [property: Id(1)] string Key, [property: Id(2)] string Destination, [property: Id(3)] int Permits,
    [property: Id(4)] TimeSpan Ttl, [property: Id(5)] string? Tenant, [property: Id(6)] int Priority);

/// <summary>What has become of a <see cref="LeaseHandOver"/>: told with each message until the pool's reports name it no more.</summary>
/// <param name="HandOver">Its number at the pool.</param>
/// <param name="State">Held once it is stored; or why it is not.</param>
/// <param name="Fencing">Of a lease that is held.</param>
[GenerateSerializer, Immutable, Alias("Admission.LeaseGrant")]
public readonly record struct LeaseGrant([property: Id(0)] long HandOver, [property: Id(1)] LeaseState State, [property: Id(2)] FencingToken Fencing);

/// <summary>
/// The number of a lease among all of its backend's: of two leases the one that was granted later has the higher number, whichever ledger granted it. So a resource that remembers the highest one
/// it has seen can refuse who comes with a lower one.
/// </summary>
/// <param name="Epoch">The epoch of the ledger that granted it.</param>
/// <param name="Number">Grows from lease to lease, over epochs too.</param>
[GenerateSerializer, Immutable, Alias("Admission.FencingToken")]
public readonly record struct FencingToken([property: Id(0)] long Epoch, [property: Id(1)] long Number);

/// <summary>How a lease stands.</summary>
[GenerateSerializer, Alias("Admission.LeaseState")]
public enum LeaseState
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>Its holder has it.</summary>
    Held = 1,

    /// <summary>Its holder has given it back.</summary>
    Released = 2,

    /// <summary>It was not renewed in time, and its permits were taken back.</summary>
    Reclaimed = 3,

    /// <summary>The ledger knows of no such lease: there never was one, or it ended long ago.</summary>
    Unknown = 4,

    /// <summary>It was not granted: the backend has as many leases as it may have.</summary>
    TooMany = 5,

    /// <summary>The ledger cannot say at present: its authority has run out, or the lease's end is being written. Ask again.</summary>
    Unsettled = 6,

    /// <summary>It was not granted: the ledger has not confirmed it in time. Only from a pool.</summary>
    Unconfirmed = 7,
}

/// <summary>By what the ledger finds a lease.</summary>
/// <param name="Key">Its name at the ledger.</param>
/// <param name="Epoch">The epoch that its id names: a ledger of a lower one does not know it yet.</param>
[GenerateSerializer, Immutable, Alias("Admission.LeaseName")]
public readonly record struct LeaseName([property: Id(0)] string Key, [property: Id(1)] long Epoch);

/// <summary>A lease at one instant.</summary>
[GenerateSerializer, Immutable, Alias("Admission.LeaseDescription")]
public sealed record LeaseDescription
{
    /// <summary>Its name at the ledger.</summary>
    [Id(0)] public required string Key { get; init; }

    /// <summary>How it stands. All that follows is known of leases that are held only.</summary>
    [Id(1)] public required LeaseState State { get; init; }

    /// <summary>Its number.</summary>
    [Id(2)] public FencingToken Fencing { get; init; }

    /// <summary>Its destination; empty where the policy names none.</summary>
    [Id(3)] public string Destination { get; init; } = "";

    /// <summary>Its permits.</summary>
    [Id(4)] public int Permits { get; init; }

    /// <summary>Its time-to-live.</summary>
    [Id(5)] public TimeSpan Ttl { get; init; }

    /// <summary>For how long its holder may use it if it is not renewed; zero in the grace after that.</summary>
    [Id(6)] public TimeSpan Left { get; init; }

    /// <summary>How long this ledger has known it.</summary>
    [Id(7)] public TimeSpan Age { get; init; }

    /// <summary>Its tenant, or null.</summary>
    [Id(8)] public string? Tenant { get; init; }

    /// <summary>The priority that it was asked for with.</summary>
    [Id(9)] public int Priority { get; init; }
}

/// <summary>Which leases are asked for.</summary>
[GenerateSerializer, Immutable, Alias("Admission.LeaseQuery")]
public sealed record LeaseQuery
{
    /// <summary>These, in this order; null for a page of all. At most <see cref="LeaseRules.MostPerCall"/>.</summary>
    [Id(0)] public LeaseName[]? Names { get; init; }

    /// <summary>Those with higher fencing numbers.</summary>
    [Id(1)] public long After { get; init; }

    /// <summary>How many at most. 1 to <see cref="LeaseRules.MostPerCall"/>; default 50.</summary>
    [Id(2)] public int Count { get; init; } = 50;
}

/// <summary>Leases of a backend.</summary>
/// <param name="Total">All that are held.</param>
/// <param name="Leases">Those that were asked for; of a page the oldest first.</param>
[GenerateSerializer, Immutable, Alias("Admission.LeasePage")]
public sealed record LeasePage([property: Id(0)] int Total, [property: Id(1)] LeaseDescription[] Leases);
