using Admission.Capacity;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>A policy that is decided but not enforced, at one instant. Durations are in seconds.</summary>
/// <param name="Status">What the shadow ledger says of itself, or <c>unreachable</c>.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="InUse">Permits that would be in use.</param>
/// <param name="Queued">Requests that would be waiting.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Cluster">What all gateways have counted; each says so again every third of the policy's <c>LeaseTtl</c> at the latest. Null while none has, or the ledger does not answer.</param>
/// <param name="Here">What this gateway has counted.</param>
/// <param name="Error">Why the ledger does not answer.</param>
internal sealed record ShadowView(
    string Status, int? Limit, int? InUse, int? Queued, PolicyView? Policy, ShadowCountsView? Cluster, ShadowCountsView? Here, string? Error = null)
{
    public static ShadowView Of(BackendDescription described, ShadowTotals? here, DateTimeOffset now) => new(
        KebabCase.Of(described.Status),
        described.Occupancy.Limit,
        described.Occupancy.InUse,
        described.Occupancy.Queued,
        described.Policy is { } policy ? PolicyView.Of(policy) : null,
        ShadowCountsView.Of(described.Shadow, now),
        ShadowCountsView.Of(here, now));

    public static ShadowView Unreachable(string error, BackendPolicy policy, ShadowTotals? here, DateTimeOffset now) =>
        new("unreachable", null, null, null, PolicyView.Of(policy), null, ShadowCountsView.Of(here, now), error);
}

/// <summary>What a policy in shadow would have done. The requests are those admitted at once, waited, refused, gave up, unknown and malformed, and those that would still be waiting.</summary>
/// <param name="Since">Since when it is counted.</param>
/// <param name="Gateways">How many have counted.</param>
/// <param name="Requests">Requests that came.</param>
/// <param name="AdmittedAtOnce">Those that would have been admitted without waiting.</param>
/// <param name="Waited">Those that would have been admitted after a wait.</param>
/// <param name="Refused">Those that would have been refused.</param>
/// <param name="RefusedBy">These by the reason that they would have been told.</param>
/// <param name="GaveUp">Those whose client left while they would have waited.</param>
/// <param name="Malformed">Those that would have got 400 for what they say of themselves.</param>
/// <param name="Unknown">Those of which nobody knows, because the shadow ledger did not answer.</param>
/// <param name="Waiting">Those that would still be waiting.</param>
/// <param name="RunTimeouts">Of the admitted ones: those that would have been cut off at <c>RunTimeout</c>.</param>
/// <param name="AssumedRuns">Of the admitted ones: those whose time in the backend is that of another request.</param>
internal sealed record ShadowCountsView(
    DateTimeOffset Since, int Gateways, long Requests, long AdmittedAtOnce, ShadowWaitsView Waited, long Refused, IReadOnlyDictionary<string, long> RefusedBy, long GaveUp,
    long Malformed, long Unknown, long Waiting, long RunTimeouts, long AssumedRuns)
{
    public static ShadowCountsView? Of(ShadowTotals? totals, DateTimeOffset now) => totals is null ? null : new(
        now - totals.Age,
        totals.Holders,
        totals.Requests,
        totals.AtOnce,
        new ShadowWaitsView(totals.Waited, totals.MeanWait?.TotalSeconds, totals.WaitAt(0.5)?.TotalSeconds, totals.WaitAt(0.99)?.TotalSeconds),
        totals.AllRefused,
        totals.Refused.ToDictionary(refused => KebabCase.Of(refused.Reason), refused => refused.Count),
        totals.GaveUp,
        totals.Malformed,
        totals.Unknown,
        totals.Waiting,
        totals.RunTimeouts,
        totals.AssumedRuns);
}

/// <summary>Requests that would have been admitted after a wait.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean wait; null if there are none.</param>
/// <param name="P50">Their median wait, to 5 %.</param>
/// <param name="P99">The wait that 99 of 100 did not exceed, to 5 %.</param>
internal sealed record ShadowWaitsView(long Count, double? Mean, double? P50, double? P99);
