using Orleans.Concurrency;

namespace Admission.Capacity;

/// <summary>The one authority over a backend's permits; <see cref="CapacityGrainKey"/> has its key.</summary>
[Alias("Admission.ICapacityGrain")]
public interface ICapacityGrain : IGrainWithStringKey
{
    /// <summary>Books a report and answers with what the holder has to know.</summary>
    /// <param name="report">The holder's state.</param>
    /// <param name="observer">Where to push what happens before the next report.</param>
    /// <returns>The ledger's message to the life that reported.</returns>
    [Alias("Exchange"), ResponseTimeout("00:00:02")]
    Task<LedgerMessage> ExchangeAsync(HolderReport report, ICapacityObserver observer);

    /// <summary>Puts a policy in force, durably. The same policy again changes nothing.</summary>
    /// <param name="policy">The whole policy.</param>
    /// <returns>The version in force, or every reason why the policy is refused.</returns>
    [Alias("ApplyPolicy"), ResponseTimeout("00:00:02")]
    Task<PolicyAnswer> ApplyPolicyAsync(BackendPolicy policy);

    /// <summary>Describes the backend at this instant.</summary>
    [Alias("Describe"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<BackendDescription> DescribeAsync();

    /// <summary>Describes the backend at this instant in short, with its last 15 minutes.</summary>
    /// <param name="epoch">The epoch of which <paramref name="after"/> is a sample; at another one all samples are told.</param>
    /// <param name="after">The number of the last sample that the caller has; -1 for none.</param>
    /// <param name="closely">Holders are asked to report every second for the next five, so that what is in use is no older: a message a second for each of them.</param>
    [Alias("Glance"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<BackendGlance> GlanceAsync(long epoch, long after, bool closely);

    /// <summary>Explains one request that was refused, has waited long, or waits.</summary>
    /// <param name="ticket">The request, as <see cref="TicketId"/> writes it.</param>
    /// <returns>What is known of it.</returns>
    /// <exception cref="ArgumentException">No ticket looks like that.</exception>
    [Alias("Explain"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<TicketExplanation> ExplainAsync(string ticket);

    /// <summary>Tells the last refusals and long waits.</summary>
    /// <param name="query">Which of them.</param>
    [Alias("Decisions"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<DecisionPage> DecisionsAsync(DecisionQuery query);

    /// <summary>Puts an operator's adjustment of the policy in force, durably, in place of the former one.</summary>
    /// <param name="request">The adjustment, and the version of the policy that it is meant for.</param>
    /// <returns>The version in force; or that the policy has another one by now, or every reason why the adjustment is refused.</returns>
    [Alias("AdjustPolicy"), ResponseTimeout("00:00:05")]
    Task<AdjustmentAnswer> AdjustPolicyAsync(AdjustmentRequest request);

    /// <summary>Tells the policy in force, what an operator has changed of it, and its last changes.</summary>
    [Alias("DescribePolicy"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<PolicyDescription> DescribePolicyAsync();

    /// <summary>Tells tickets that wait, a page at a time.</summary>
    /// <param name="query">Which of them.</param>
    [Alias("Waiting"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<WaitingPage> WaitingAsync(WaitingQuery query);

    /// <summary>Tells where tickets of one holder stand at present.</summary>
    /// <param name="holder">The holder.</param>
    /// <param name="tickets">Their numbers there; at most <see cref="MostPlaces"/>.</param>
    /// <returns>Those that wait; the others have been decided, or are not known here.</returns>
    /// <exception cref="ArgumentException">There are more.</exception>
    [Alias("Places"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<TicketPosition[]> PlacesAsync(string holder, long[] tickets);

    /// <summary>Renews leases: each has its whole time-to-live again.</summary>
    /// <param name="names">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <returns>How each stands then, in the same order.</returns>
    /// <exception cref="ArgumentException">There are more.</exception>
    [Alias("RenewLeases"), ResponseTimeout("00:00:02")]
    Task<LeaseDescription[]> RenewLeasesAsync(LeaseName[] names);

    /// <summary>Takes leases back. One that was released before stays released.</summary>
    /// <param name="names">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <returns>How each stands then, in the same order.</returns>
    /// <exception cref="ArgumentException">There are more.</exception>
    [Alias("ReleaseLeases"), ResponseTimeout("00:00:02")]
    Task<LeaseDescription[]> ReleaseLeasesAsync(LeaseName[] names);

    /// <summary>Tells leases.</summary>
    /// <param name="query">Which of them.</param>
    /// <exception cref="ArgumentException">They are too many.</exception>
    [Alias("Leases"), ReadOnly, ResponseTimeout("00:00:02")]
    Task<LeasePage> LeasesAsync(LeaseQuery query);

    /// <summary>Tickets that one call asks for at most.</summary>
    const int MostPlaces = 1_000;
}

/// <summary>A holder's ear: the ledger pushes recalls, grants and refusals to it, best effort.</summary>
[Alias("Admission.ICapacityObserver")]
public interface ICapacityObserver : IGrainObserver
{
    /// <summary>Takes a message that the ledger did not want to delay until the next exchange.</summary>
    [Alias("Push"), OneWay]
    Task PushAsync(LedgerMessage message);
}

/// <summary>The answer to a policy.</summary>
/// <param name="Version">The version in force.</param>
/// <param name="Errors">Why the policy was refused; empty when it is in force.</param>
[GenerateSerializer, Immutable, Alias("Admission.PolicyAnswer")]
public sealed record PolicyAnswer([property: Id(0)] long Version, [property: Id(1)] string[] Errors);

/// <summary>A backend at one instant, for people and dashboards.</summary>
[GenerateSerializer, Immutable, Alias("Admission.BackendDescription")]
public sealed record BackendDescription
{
    /// <summary>The ledger's epoch.</summary>
    [Id(0)] public required long Epoch { get; init; }

    /// <summary>What the ledger can do.</summary>
    [Id(1)] public required LedgerStatus Status { get; init; }

    /// <summary>How full the backend is.</summary>
    [Id(2)] public required Occupancy Occupancy { get; init; }

    /// <summary>Each destination with its limit and booked permits.</summary>
    [Id(3)] public required DestinationDescription[] Destinations { get; init; }

    /// <summary>Each life with what is booked for it.</summary>
    [Id(4)] public required HolderDescription[] Holders { get; init; }

    /// <summary>Permits of lost holders whose work may still run.</summary>
    [Id(5)] public required int Quarantined { get; init; }

    /// <summary>The policy in force, with what an operator has changed of it, or null.</summary>
    [Id(6)] public required BackendPolicy? Policy { get; init; }

    /// <summary>The policy's version.</summary>
    [Id(7)] public required long PolicyVersion { get; init; }

    /// <summary>The longest wait that is worth while, by the patience that clients have shown; null for any.</summary>
    [Id(20)] public TimeSpan? LongestWait { get; init; }

    /// <summary>The share of the backend's recent work that was for clients who had left, beyond what would have been so without any wait; 0 to 1.</summary>
    [Id(21)] public double Waste { get; init; }

    /// <summary>Runs that were cancelled because they took longer than <see cref="BackendPolicy.RunTimeout"/>, since the lives that are known here began.</summary>
    [Id(22)] public long RunTimeouts { get; init; }

    /// <summary>Clients that were seen to leave before their answer began, since the lives that are known here began. With policies that let requests wait.</summary>
    [Id(23)] public long ClientsLeft { get; init; }

    /// <summary>A limit that finds itself: between which bounds, and why it is where it is; null for a fixed one.</summary>
    [Id(35)] public LimitDescription? Adaptive { get; init; }

    /// <summary>For how long no permit has been free; null if one is.</summary>
    [Id(50)] public TimeSpan? SaturatedFor { get; init; }

    /// <summary>What the holders have counted, where this policy is decided in shadow and nothing is enforced; else null.</summary>
    [Id(60)] public ShadowTotals? Shadow { get; init; }

    /// <summary>The tenants whose clients' patience is known by itself. Empty from a ledger of before there was such; at most 32.</summary>
    [Id(65)] public TenantPatience[] TenantPatience { get; init; } = [];

    /// <summary>An operator has paused the backend. False from a ledger of before there was such.</summary>
    [Id(85)] public bool IsPaused { get; init; }

    /// <summary>An operator has changed the policy: <see cref="Policy"/> is not all as it is configured.</summary>
    [Id(86)] public bool IsAdjusted { get; init; }

    /// <summary>Leases that programs hold by themselves.</summary>
    [Id(87)] public int Leases { get; init; }

    /// <summary>Their permits.</summary>
    [Id(88)] public int Leased { get; init; }
}

/// <summary>A limit that finds itself, in a <see cref="BackendDescription"/>; the <see cref="Occupancy.Limit"/> there is the present one.</summary>
/// <param name="Algorithm">How it finds itself.</param>
/// <param name="Min">The least that it may be.</param>
/// <param name="Max">The most that it may be.</param>
/// <param name="UnloadedTime">How long a permit is in use when the backend has no queue, as learned so far; null while that is not known.</param>
/// <param name="Found">The limit that was found, were every destination in service.</param>
[GenerateSerializer, Immutable, Alias("Admission.LimitDescription")]
public sealed record LimitDescription(
    [property: Id(0)] LimitAlgorithm Algorithm, [property: Id(1)] int Min, [property: Id(2)] int Max, [property: Id(3)] TimeSpan? UnloadedTime,
    [property: Id(4)] int Found);

/// <summary>A destination in a <see cref="BackendDescription"/>.</summary>
/// <param name="Destination">Its name; empty where the policy names none.</param>
/// <param name="Limit">Its limit; 0 while it drains.</param>
/// <param name="Booked">Permits that holders have or may have, quarantined ones included.</param>
/// <param name="Open">As much of the limit as may be granted at present: none while it is withheld, a part in its slow start.</param>
/// <param name="Condition">What it may be sent at present.</param>
/// <param name="Left">How long until its trial may begin, or its slow start ends; null in service and during a trial.</param>
[GenerateSerializer, Immutable, Alias("Admission.DestinationDescription")]
public sealed record DestinationDescription(
    [property: Id(0)] string Destination, [property: Id(1)] int Limit, [property: Id(2)] int Booked,
    [property: Id(26)] int Open, [property: Id(27)] DestinationCondition Condition, [property: Id(28)] TimeSpan? Left)
{
    /// <summary>Those of the booked permits that holders have and do not use, as they last reported; null from a ledger of before there was such.</summary>
    [Id(95)] public int? Idle { get; init; }
}

/// <summary>A life in a <see cref="BackendDescription"/>.</summary>
/// <param name="Holder">The holder.</param>
/// <param name="Incarnation">Its life.</param>
/// <param name="Booked">Permits that it has or may have.</param>
/// <param name="InUse">Permits that it last reported in use.</param>
/// <param name="Queued">Its tickets that wait.</param>
/// <param name="LeaseLeft">How long until the ledger considers it lost.</param>
[GenerateSerializer, Immutable, Alias("Admission.HolderDescription")]
public sealed record HolderDescription(
    [property: Id(0)] string Holder, [property: Id(1)] long Incarnation, [property: Id(2)] int Booked, [property: Id(3)] int InUse,
    [property: Id(4)] int Queued, [property: Id(5)] TimeSpan LeaseLeft)
{
    /// <summary>How long ago the lease was last renewed; null from a ledger of before there was such.</summary>
    [Id(95)] public TimeSpan? LeaseAge { get; init; }
}
