namespace Admission.Capacity;

/// <summary>How long the clients of one tenant stay, in a <see cref="BackendDescription"/>.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="LongestWait">The longest wait that is worth while for them; null for any.</param>
/// <param name="Seen">Its clients that were seen and count at present.</param>
/// <param name="Left">Those of them that left.</param>
[GenerateSerializer, Immutable, Alias("Admission.TenantPatience")]
public sealed record TenantPatience(
    [property: Id(0)] string Tenant, [property: Id(1)] TimeSpan? LongestWait, [property: Id(2)] int Seen, [property: Id(3)] int Left);
