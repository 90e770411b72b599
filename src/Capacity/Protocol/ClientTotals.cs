namespace Admission.Capacity;

/// <summary>
/// What a life has seen of its clients' patience: totals since it began, so a report may be lost or repeated without harm. Where the policy has a queue every
/// request that waited is counted, and of the others a sample that does not depend on how they end.
/// </summary>
[GenerateSerializer, Immutable, Alias("Admission.ClientTotals")]
public sealed record ClientTotals
{
    /// <summary>The counts by time, in ascending order of <see cref="ClientBucket.Bucket"/>; buckets without any are left out. At most 176.</summary>
    [Id(0)] public ClientBucket[] Buckets { get; init; } = [];

    /// <summary>Requests that were dispatched, and whose client was there when the answer began.</summary>
    [Id(1)] public long InTime { get; init; }

    /// <summary>Requests that were dispatched, and whose client left before the answer began.</summary>
    [Id(2)] public long ForNothing { get; init; }
}

/// <summary>Counts of clients in one bucket of times. Each doubling of time has eight, from 1 ms on.</summary>
/// <param name="Bucket">The bucket: 0 to 175.</param>
/// <param name="Left">Clients that left after so long, waiting and in the backend, without an answer.</param>
/// <param name="Stayed">Clients that were still there when they were answered or refused after so long: how long they would have stayed nobody knows.</param>
/// <param name="Answers">Requests that took so long from the grant to the begin of the answer.</param>
[GenerateSerializer, Immutable, Alias("Admission.ClientBucket")]
public readonly record struct ClientBucket(
    [property: Id(0)] int Bucket, [property: Id(1)] long Left, [property: Id(2)] long Stayed, [property: Id(3)] long Answers);
