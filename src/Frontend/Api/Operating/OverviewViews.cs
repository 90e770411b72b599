using Admission.Capacity;
using Admission.Dashboard.Feed;

namespace Admission.Frontend.Api.Operating;

/// <summary>All backends at one instant, each in short.</summary>
/// <param name="At">When that was, by the clock of the gateway that answers.</param>
/// <param name="Backends">The backends, those in trouble first, then by name.</param>
/// <param name="LeftOut">Backends that are not told, because there are too many.</param>
/// <param name="Problem">Why the list of the backends is not known, or old; null if it is known.</param>
internal sealed record OverviewView(DateTimeOffset At, IReadOnlyList<OverviewRowView> Backends, int LeftOut, string? Problem)
{
    /// <summary>Of what the dashboard shows, and of backends that no ledger protects.</summary>
    public static OverviewView Of(Overview overview, IEnumerable<string> notProtected) => new(
        overview.At,
        [.. overview.Rows.Select(OverviewRowView.Of), .. notProtected.Order(StringComparer.OrdinalIgnoreCase).Select(OverviewRowView.NotProtected)],
        overview.LeftOut,
        overview.Problem);
}

/// <summary>One backend in short. What is not known is null; of one that does not answer all is as it was last told. Durations are in seconds.</summary>
/// <param name="Id">The backend.</param>
/// <param name="Status">What its ledger can do, <c>unreachable</c>, <c>asking</c> before its first answer, or <c>not-protected</c>.</param>
/// <param name="Limit">The limit in force.</param>
/// <param name="InUse">Permits in use.</param>
/// <param name="Idle">Permits that holders keep and do not use.</param>
/// <param name="Quarantined">Permits of lost holders whose work may still run.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="QueueCapacity">How many may; 0 for none.</param>
/// <param name="ServedPerSecond">Requests a second that got their permit, over the last 10 to 15 s.</param>
/// <param name="RefusedPerSecond">Requests a second that were refused, by the ledger or by a gateway, over the last 10 to 15 s.</param>
/// <param name="WaitP50">Half of those that got a permit in the last 30 to 60 s waited no longer; null if there were none.</param>
/// <param name="WaitP99">99 of 100 of them waited no longer.</param>
/// <param name="Utilisation">The part of the limit that is in use or quarantined, 0 to 1, and above it where the limit was lowered.</param>
/// <param name="Trouble">How much trouble there is, 0 for none: the sum of the weights of <paramref name="Troubles"/>.</param>
/// <param name="Troubles">What is wrong, the worst first.</param>
/// <param name="SaturatedFor">For how long no permit has been free; null if one is.</param>
/// <param name="Destinations">Destinations with limits of their own.</param>
/// <param name="Withheld">Those of them that are withheld or on trial, because they failed.</param>
/// <param name="Holders">Processes that hold permits.</param>
/// <param name="Paused">An operator has paused it.</param>
/// <param name="Adjusted">An operator has changed its policy.</param>
/// <param name="Adaptive">Its limit finds itself.</param>
/// <param name="Epoch">The ledger's epoch.</param>
/// <param name="Silo">Where the ledger lives, as the engine names silos.</param>
/// <param name="UnreachableSince">Since when the ledger does not answer; null if it does.</param>
/// <param name="Error">Why it does not.</param>
internal sealed record OverviewRowView(
    string Id, string Status, int? Limit, int? InUse, int? Idle, int? Quarantined, int? Waiting, int? QueueCapacity, double? ServedPerSecond, double? RefusedPerSecond, double? WaitP50, double? WaitP99,
    double? Utilisation, int Trouble, IReadOnlyList<TroubleView> Troubles, double? SaturatedFor, int? Destinations, int? Withheld, int? Holders, bool Paused, bool Adjusted, bool Adaptive, long? Epoch,
    string? Silo, DateTimeOffset? UnreachableSince, string? Error)
{
    public static OverviewRowView Of(BackendRow row) => new(
        row.Id, row.Status, row.Limit, row.InUse, row.Idle, row.Quarantined, row.Waiting, row.QueueCapacity, Rounded(row.ServedPerSecond), Rounded(row.RefusedPerSecond), row.WaitP50?.TotalSeconds,
        row.WaitP99?.TotalSeconds, row.Utilisation, row.Trouble, [.. row.Troubles.Select(each => new TroubleView(KebabCase.Of(each.Kind), each.Weight, each.Words))], row.SaturatedFor?.TotalSeconds,
        row.Destinations, row.Withheld, row.Holders, row.IsPaused, row.IsAdjusted, row.IsAdaptive, row.Epoch, row.Silo, row.UnreachableSince, row.Error);

    /// <summary>One whose policy is only decided in shadow.</summary>
    public static OverviewRowView NotProtected(string id) => new(
        id, "not-protected", null, null, null, null, null, null, null, null, null, null, null, 0, [], null, null, null, null, false, false, false, null, null, null, null);

    private static double? Rounded(double? rate) => rate is { } known ? Math.Round(known, 3) : null;
}

/// <summary>Something that is wrong with a backend.</summary>
/// <param name="Kind">What, for programs.</param>
/// <param name="Weight">How bad, above 0; what serves nobody weighs most, what an operator meant to do least.</param>
/// <param name="Words">It in a few words, with its numbers.</param>
internal sealed record TroubleView(string Kind, int Weight, string Words);
