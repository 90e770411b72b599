namespace Admission.Capacity;

/// <summary>
/// What a ledger keeps in storage: the epoch, the policy, and who may hold permits. Counts are not stored, because they change with every
/// request; a successor asks the holders.
/// </summary>
[GenerateSerializer, Immutable, Alias("Admission.LedgerState")]
public sealed record LedgerState
{
    /// <summary>The number of the incarnation that owns the record; 0 before the first.</summary>
    [Id(0)] public long Epoch { get; init; }

    /// <summary>The policy as it is configured, or null before the first.</summary>
    [Id(1)] public BackendPolicy? Policy { get; init; }

    /// <summary>Counts the changes of the policy.</summary>
    [Id(2)] public long PolicyVersion { get; init; }

    /// <summary>Every life that may hold permits.</summary>
    [Id(3)] public StoredLife[] Lives { get; init; } = [];

    /// <summary>Permits of lost lives whose work may still run.</summary>
    [Id(4)] public StoredQuarantine[] Quarantined { get; init; } = [];

    /// <summary>The longest lease that a stored life may have, grace included.</summary>
    [Id(5)] public TimeSpan LongestLease { get; init; }

    /// <summary>The longest quarantine that a stored life may need.</summary>
    [Id(6)] public TimeSpan LongestQuarantine { get; init; }

    /// <summary>How long the owner's authority lasts after a confirmation.</summary>
    [Id(7)] public TimeSpan AuthorityTtl { get; init; }

    /// <summary>The whole ledger, left by a planned stop for its successor, who takes it out in the write that begins its epoch; else null.</summary>
    [Id(8)] public Handover? Handover { get; init; }

    /// <summary>The <see cref="LedgerOptions.SoleOwner"/> that wrote the record, or null.</summary>
    [Id(9)] public string? SoleOwner { get; init; }

    /// <summary>
    /// What was learned of a limit that finds itself, when the record was written; else null. Nothing is written for its sake: after a planned move it is exact, after a
    /// crash it is as old as the last write.
    /// </summary>
    [Id(20)] public LearnedLimit? Limit { get; init; }

    /// <summary>What an operator has changed of the policy; null for nothing, and in the record of an earlier version.</summary>
    [Id(85)] public PolicyAdjustment? Adjustment { get; init; }

    /// <summary>The last changes of the policy, the oldest first; at most <see cref="PolicyChange.MostKept"/>. Null in the record of an earlier version.</summary>
    [Id(86)] public PolicyChange[]? PolicyHistory { get; init; }

    /// <summary>Leases that programs hold by themselves; null for none, and in the record of an earlier version.</summary>
    [Id(87)] public StoredLease[]? Leases { get; init; }

    /// <summary>The highest number that a lease has got: no later one gets it again.</summary>
    [Id(88)] public long LeaseNumber { get; init; }

    /// <summary>How the last leases ended; null for none.</summary>
    [Id(89)] public EndedLease[]? EndedLeases { get; init; }

    /// <summary>The record that begins an epoch which was claimed: to be written, on condition that this one is still there, before its ledger is created.</summary>
    /// <param name="claimed">The epoch; higher than this one's.</param>
    /// <param name="authorityTtl">How long the new owner's authority lasts after a confirmation: a successor must know it before the owner grants anything.</param>
    public LedgerState NextEpoch(long claimed, TimeSpan authorityTtl)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(claimed, Epoch);
        return this with { Epoch = claimed, Handover = null, AuthorityTtl = authorityTtl > AuthorityTtl ? authorityTtl : AuthorityTtl };
    }
}

/// <summary>A life that may hold permits.</summary>
/// <param name="Holder">The holder.</param>
/// <param name="Incarnation">Its life.</param>
[GenerateSerializer, Immutable, Alias("Admission.StoredLife")]
public readonly record struct StoredLife([property: Id(0)] string Holder, [property: Id(1)] long Incarnation);

/// <summary>Permits of a lost life whose work may still run.</summary>
/// <param name="Life">The lost life.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Permits">How many.</param>
/// <param name="Left">How long they stay booked, counted from the write.</param>
/// <param name="Tenants">What tenants with a cap had in use in that life; given once for each life, null for none.</param>
[GenerateSerializer, Immutable, Alias("Admission.StoredQuarantine")]
public readonly record struct StoredQuarantine(
    [property: Id(0)] StoredLife Life, [property: Id(1)] string Destination, [property: Id(2)] int Permits, [property: Id(3)] TimeSpan Left,
    [property: Id(4)] TenantUse[]? Tenants = null);

/// <summary>The accounts and the queue of a ledger that stopped in good order.</summary>
/// <param name="Accounts">What is booked for each life.</param>
/// <param name="Queue">The tickets, in order of their arrival.</param>
/// <param name="Order">How far the service of tenants and priorities was; null for nothing to tell.</param>
[GenerateSerializer, Immutable, Alias("Admission.Handover")]
public sealed record Handover(
    [property: Id(0)] HandedAccount[] Accounts, [property: Id(1)] HandedTicket[] Queue, [property: Id(2)] HandedOrder? Order = null)
{
    /// <summary>The destinations that have failed; null in the record of an earlier version. After a crash the successor finds out anew.</summary>
    [Id(25)] public HandedHealth[]? Failed { get; init; }

    /// <summary>How long leases have left; null for none, and in the record of an earlier version.</summary>
    [Id(87)] public HandedLease[]? Leases { get; init; }
}

/// <summary>A destination that has failed, in a <see cref="Handover"/>.</summary>
/// <param name="Destination">Its name.</param>
/// <param name="Condition">What it may be sent.</param>
/// <param name="Left">How long until its trial may begin, or its slow start ends.</param>
/// <param name="Pause">Its last pause.</param>
/// <param name="Trial">The trial under way; 0 for none.</param>
/// <param name="TrialLife">Who has it.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedHealth")]
public sealed record HandedHealth(
    [property: Id(0)] string Destination, [property: Id(1)] DestinationCondition Condition, [property: Id(2)] TimeSpan Left, [property: Id(3)] TimeSpan Pause,
    [property: Id(4)] long Trial, [property: Id(5)] StoredLife TrialLife);

/// <summary>What is booked for a life in a <see cref="Handover"/>.</summary>
/// <param name="Life">The life.</param>
/// <param name="Booked">Permits that it has or may have.</param>
/// <param name="LeaseLeft">How long until it counts as lost.</param>
/// <param name="Tenants">What of it tenants with a cap have; null for none.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedAccount")]
public sealed record HandedAccount(
    [property: Id(0)] StoredLife Life, [property: Id(1)] HeldPermits[] Booked, [property: Id(2)] TimeSpan LeaseLeft, [property: Id(3)] TenantUse[]? Tenants = null);

/// <summary>A ticket in a <see cref="Handover"/>.</summary>
/// <param name="Life">Whose it is.</param>
/// <param name="Ticket">The ticket, with the time it had left.</param>
[GenerateSerializer, Immutable, Alias("Admission.HandedTicket")]
public sealed record HandedTicket([property: Id(0)] StoredLife Life, [property: Id(1)] TicketRequest Ticket);
