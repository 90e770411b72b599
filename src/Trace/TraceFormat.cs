namespace Admission.Trace;

/// <summary>
/// The words of an arrivals file: JSON Lines in UTF-8. A header line says <c>format</c>, <c>version</c> and <c>started</c>; each other line is one request.
/// </summary>
/// <remarks>
/// <para>
/// Times are seconds, with six decimals. A line counts its <c>at</c> from the <c>started</c> of the header before it, so that files can be joined with
/// <c>cat</c>: those of several gateways, or of one that was restarted. A request is written when it has ended, so lines need not be in the order of
/// <c>at</c>.
/// </para>
/// <para>
/// <code>
/// {"format":"admission-arrivals","version":1,"started":"2026-11-21T13:30:00.0000000Z"}
/// {"at":0.012345,"backend":"model","tenant":"a","priority":10,"weight":1,"outcome":"served","waited":0.001,"service":0.0503}
/// {"at":0.020001,"backend":"model","outcome":"left","waited":0.2}
/// </code>
/// Only <c>at</c> and <c>backend</c> must be there. Defaults: <c>priority</c> 10, <c>weight</c> 1, <c>outcome</c> served, <c>waited</c> 0. Other members are
/// ignored, so that a later version may say more.
/// </para>
/// </remarks>
internal static class TraceFormat
{
    public const string Name = "admission-arrivals";
    public const int Version = 1;
    public const int NormalPriority = 10;
    public const int LowestPriority = 99;
    public const int LargestWeight = 1_000_000;

    public static readonly (ArrivalOutcome Outcome, string Word)[] Outcomes =
        [(ArrivalOutcome.Served, "served"), (ArrivalOutcome.Refused, "refused"), (ArrivalOutcome.Left, "left")];

    public static string Word(ArrivalOutcome outcome) => Array.Find(Outcomes, each => each.Outcome == outcome).Word
        ?? throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A request was served or refused, or its client left.");
}
