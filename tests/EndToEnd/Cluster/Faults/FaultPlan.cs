using System.Globalization;
using Admission.EndToEnd.Cluster.Network;

namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>One fault of a schedule.</summary>
/// <param name="At">When, after the schedule's start.</param>
/// <param name="For">How long until it is healed.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">To whom: a process, a backend; "owner of X" is the silo that has X's ledger when the time has come.</param>
/// <param name="Other">The link's other end.</param>
/// <param name="Ways">Which way of the link.</param>
internal sealed record FaultPlan(TimeSpan At, TimeSpan For, FaultKind Kind, string Target, string Other = "", Ways Ways = Ways.Both)
{
    public TimeSpan Healed => At + For;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds,6:F1} s: {Kind} {Target}{(Other == "" ? "" : $" - {Other}")}{(Ways == Ways.Both ? "" : $" ({Ways} only)")}, for {For.TotalSeconds:F1} s");
}
