namespace Admission.Capacity;

/// <summary>
/// What an arrival of one kind would have to wait at least, because so much is before it: a pool refuses at once whoever cannot wait so long, as the ledger would. The wait gets shorter as the backend works,
/// so the pool takes off what has passed since the notice came.
/// </summary>
/// <param name="Priority">The priority.</param>
/// <param name="Tenant">The tenant; null for the requests without one.</param>
/// <param name="AndAfter">For whatever tenant, and the priorities after this one as well: nobody waits there.</param>
/// <param name="Wait">What it would wait at least, by the measured drain rate.</param>
/// <param name="LongestWait">The longest wait that is worth while, by the patience that clients have shown; null for any.</param>
[GenerateSerializer, Immutable, Alias("Admission.LateNotice")]
public readonly record struct LateNotice(
    [property: Id(0)] int Priority, [property: Id(1)] string? Tenant, [property: Id(2)] bool AndAfter, [property: Id(3)] TimeSpan Wait,
    [property: Id(4)] TimeSpan? LongestWait)
{
    internal bool HoldsFor(in AdmissionRequest request) => AndAfter
        ? request.Priority >= Priority
        : request.Priority == Priority && string.Equals(request.Tenant ?? TenantRules.Common, Tenant ?? TenantRules.Common, StringComparison.Ordinal);
}
