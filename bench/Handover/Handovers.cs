using System.Diagnostics;

namespace Admission.Handover;

/// <summary>What the turns of two frontends show.</summary>
/// <param name="Microseconds">Each hand-over from one to the other, who had been waiting: from the begin of the release to the admission. Sorted.</param>
/// <param name="Overlaps">Turns that began before the former one's end: one permit was two.</param>
/// <param name="Calls">Each plain call, in microseconds. Sorted.</param>
internal sealed record Handovers(double[] Microseconds, int Overlaps, double[] Calls)
{
    /// <summary>Who has asked only just before is not known to wait at the semaphore yet.</summary>
    private static readonly long InLine = Stopwatch.Frequency / 1000;

    public static Handovers Of(params TurnLog[] logs)
    {
        var handovers = new List<double>();
        var overlaps = 0;
        foreach (var lane in logs.SelectMany((log, process) => log.Turns.Select(turn => (Process: process, Turn: turn))).GroupBy(turn => turn.Turn.Lane))
        {
            var turns = lane.OrderBy(turn => turn.Turn.Admitted).ToArray();
            foreach (var ((from, before), (to, after)) in turns.Zip(turns.Skip(1)))
            {
                overlaps += after.Admitted < before.Released ? 1 : 0;
                if (from != to && after.Asked < before.Released - InLine)
                {
                    handovers.Add(Micro(after.Admitted - before.Released));
                }
            }
        }

        return new([.. handovers.Order()], overlaps, [.. logs.SelectMany(log => log.Calls).Select(Micro).Order()]);
    }

    /// <summary>The value below which so many of a hundred lie.</summary>
    public static double Percentile(double[] sorted, double percent) =>
        sorted.Length > 0 ? sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * percent / 100))] : double.NaN;

    private static double Micro(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
