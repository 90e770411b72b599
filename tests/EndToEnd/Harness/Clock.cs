using System.Diagnostics;

namespace Admission.EndToEnd.Harness;

/// <summary>The machine's monotonic clock in nanoseconds: the same that the backends' journals use.</summary>
internal static class Clock
{
    public static long Now => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    public static double Seconds(long nanoseconds) => nanoseconds / 1e9;

    public static TimeSpan Since(long time) => TimeSpan.FromSeconds(Seconds(Now - time));
}
