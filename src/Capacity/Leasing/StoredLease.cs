namespace Admission.Capacity;

/// <summary>A lease in a ledger's record. It counts with its whole amount for as long as it is there, whoever has died meanwhile.</summary>
/// <param name="Key">Its name at the ledger.</param>
/// <param name="Destination">Its destination.</param>
/// <param name="Permits">Its permits.</param>
/// <param name="Ttl">Its time-to-live.</param>
/// <param name="Fencing">Its number.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="Priority">Its priority.</param>
[GenerateSerializer, Immutable, Alias("Admission.StoredLease")]
public readonly record struct StoredLease(
    [property: Id(0)] string Key, [property: Id(1)] string Destination, [property: Id(2)] int Permits, [property: Id(3)] TimeSpan Ttl,
    [property: Id(4)] FencingToken Fencing, [property: Id(5)] string? Tenant, [property: Id(6)] int Priority);

/// <summary>A lease in a <see cref="Handover"/>: renewals are not stored, so nothing else tells when it was renewed last.</summary>
/// <param name="Key">Its name at the ledger.</param>
/// <param name="Left">How long until it may be reclaimed.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedLease")]
public readonly record struct HandedLease([property: Id(0)] string Key, [property: Id(1)] TimeSpan Left);

/// <summary>A lease that has ended, in a ledger's record: for the answer to whoever comes late.</summary>
/// <param name="Key">Its name at the ledger.</param>
/// <param name="State">Released or reclaimed.</param>
[GenerateSerializer, Immutable, Alias("Admission.EndedLease")]
public readonly record struct EndedLease([property: Id(0)] string Key, [property: Id(1)] LeaseState State);
