using System.Globalization;
using Admission.Capacity;

namespace Admission.Dashboard.Feed.Ledgers;

/// <summary>How much trouble a backend is in, for sorting: the weights of what is wrong, added up. What serves nobody weighs most, what an operator meant to do least.</summary>
internal static class Troubles
{
    /// <summary>So long a lost lease, or what became of it, is news.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong, the worst first.</summary>
    /// <param name="glance">What the ledger told last; null for nothing yet.</param>
    /// <param name="unreachableFor">For how long it has not answered; null if it does.</param>
    public static IReadOnlyList<TroubleReason> Of(BackendGlance? glance, TimeSpan? unreachableFor)
    {
        List<TroubleReason>? found = null;
        if (unreachableFor is { } silent)
        {
            Add(TroubleKind.Unreachable, 1000, $"its ledger has not answered for {Seconds(silent)}");
        }

        if (glance is null)
        {
            return found ?? [];
        }

        switch (glance.Status)
        {
            // One that nobody has asked renews nothing, and has nothing to grant.
            case LedgerStatus.NoAuthority when glance.Holders > 0:
                Add(TroubleKind.NoAuthority, 900, "its ledger may not grant: the store has not confirmed its authority");
                break;
            case LedgerStatus.Recovering:
                Add(TroubleKind.Recovering, 700, $"its ledger has been recovering for {Seconds(glance.Recovery ?? glance.Age)} and grants nothing yet");
                break;
            case LedgerStatus.NoPolicy:
                Add(TroubleKind.NoPolicy, 20, "it has no policy yet");
                break;
        }

        if (glance.Withheld > 0)
        {
            Add(TroubleKind.Withheld, 500 + (300 * glance.Withheld / Math.Max(glance.Withheld, glance.Destinations)), glance.Destinations == 0
                ? "it fails, and is withheld"
                : string.Create(CultureInfo.InvariantCulture, $"{glance.Withheld} of {glance.Destinations} destinations are withheld because they fail"));
        }

        if (glance.LastLeaseLoss is { } loss && loss < Lately)
        {
            Add(TroubleKind.LeaseLost, 300, $"a holder's lease ended {Seconds(loss)} ago while it held permits");
        }

        if (glance.RefusedPerSecond > 0)
        {
            Add(TroubleKind.Refusing, 200 + (int)Math.Min(200, 20 * Math.Log2(1 + glance.RefusedPerSecond)), string.Create(CultureInfo.InvariantCulture, $"{glance.RefusedPerSecond:0.##} requests per second are refused"));
        }

        if (glance is { Waiting: > 0, SaturatedFor: { } saturated })
        {
            Add(TroubleKind.Queueing, 100 + (int)(100L * Math.Min(glance.Waiting, glance.QueueCapacity) / Math.Max(1, glance.QueueCapacity)), string.Create(
                CultureInfo.InvariantCulture, $"{glance.Waiting} of at most {glance.QueueCapacity} wait, and no permit has been free for {Seconds(saturated)}"));
        }

        if (glance.IsPaused)
        {
            Add(TroubleKind.Paused, 90, "an operator has paused it");
        }
        else if (glance is { Limit: 0, Status: LedgerStatus.Granting })
        {
            Add(TroubleKind.NoLimit, 120, "its limit is 0, so it serves nothing");
        }

        if (glance.Quarantined > 0)
        {
            Add(TroubleKind.Quarantined, 80, string.Create(CultureInfo.InvariantCulture, $"{glance.Quarantined} permits of lost holders are in quarantine"));
        }

        found?.Sort(static (one, other) => other.Weight.CompareTo(one.Weight));
        return found ?? [];

        void Add(TroubleKind kind, int weight, string words) => (found ??= []).Add(new TroubleReason(kind, weight, words));
    }

    private static string Seconds(TimeSpan time) => time < TimeSpan.FromMinutes(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min");
}
