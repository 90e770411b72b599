namespace Admission.Capacity;

/// <summary>Why a request was not admitted, and what its client should know. A value, because overload is normal flow.</summary>
/// <param name="Reason">The rule that refused.</param>
/// <param name="Occupancy">How full the backend was; its retry-after says when to come back.</param>
[GenerateSerializer, Immutable, Alias("Admission.Refusal")]
public sealed record Refusal([property: Id(0)] RefusalReason Reason, [property: Id(1)] Occupancy Occupancy)
{
    /// <summary>The saturation notice by which a holder refused without asking; 0 for none.</summary>
    [Id(50)] public long Notice { get; init; }
}

/// <summary>The rules that refuse.</summary>
[GenerateSerializer, Alias("Admission.RefusalReason")]
public enum RefusalReason
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>Every permit is in use, and the policy has no queue.</summary>
    AtCapacity = 1,

    /// <summary>Every permit is in use, and the queue is full.</summary>
    QueueFull = 2,

    /// <summary>The request waited as long as it may.</summary>
    WaitExpired = 3,

    /// <summary>By the measured drain rate the request would wait longer than it may.</summary>
    DeadlineUnreachable = 4,

    /// <summary>The request needs more permits than any destination has.</summary>
    WeightAboveLimit = 5,

    /// <summary>The ledger is finding out what earlier holders hold, and grants nothing yet.</summary>
    Recovering = 6,

    /// <summary>The ledger cannot be reached, and this holder has no lease.</summary>
    LedgerUnreachable = 7,

    /// <summary>The holder is shutting down.</summary>
    ShuttingDown = 8,

    /// <summary>The backend is not known here.</summary>
    UnknownBackend = 9,

    /// <summary>The backend has as many holders as it may have.</summary>
    TooManyHolders = 10,

    /// <summary>The queue is full, and a request of a higher priority that came later got its place.</summary>
    Displaced = 11,

    /// <summary>The queue is full, and the request's tenant has more than its part of the places.</summary>
    TenantShare = 12,

    /// <summary>The request's tenant has as many permits in use as it may, or asks for more than that.</summary>
    TenantCap = 13,

    /// <summary>By the patience that clients have shown, its client would probably have left before the answer.</summary>
    TooLate = 14,

    /// <summary>The queue has been slow for so long that it is cut (<see cref="QueueDiscipline.CoDel"/>).</summary>
    QueueDelay = 15,

    /// <summary>Every destination that could take the request has failed and is withheld, until a trial succeeds.</summary>
    NoDestination = 17,

    /// <summary>An operator has paused the backend, and the policy has no queue, or it is full.</summary>
    Paused = 18,
}

/// <summary>What the rules have in common.</summary>
internal static class RefusalReasons
{
    /// <summary>So many counters there must be for one of each, <see cref="RefusalReason.None"/> included.</summary>
    public static int Count { get; } = (int)Enum.GetValues<RefusalReason>()[^1] + 1;

    /// <summary>Where a reason is counted. One that only a later version knows, which this process hears in a rolling upgrade, is counted as <see cref="RefusalReason.None"/>.</summary>
    public static int Counter(this RefusalReason reason) => (uint)reason < (uint)Count ? (int)reason : (int)RefusalReason.None;

    /// <summary>Whether a permit that becomes idle would have served the request.</summary>
    public static bool IsWantOfCapacity(this RefusalReason reason) =>
        reason is RefusalReason.AtCapacity or RefusalReason.QueueFull or RefusalReason.Displaced or RefusalReason.TenantShare;
}
