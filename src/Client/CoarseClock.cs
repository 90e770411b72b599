namespace Admission.Client;

/// <summary>
/// The system's monotonic clock at the resolution of its timer tick (4 ms on Linux, 16 ms on Windows), read without asking the hardware.
/// </summary>
/// <remarks>
/// A pool reads its clock for every request to check its lease. Leases are measured in seconds and end a tenth early, so some milliseconds do not
/// matter, and the read costs 6 ns instead of 24 to 30: docs/performance.md has the figures.
/// </remarks>
internal sealed class CoarseClock : TimeProvider
{
    public override long TimestampFrequency => 1_000;

#pragma warning disable RS0030 // This is a TimeProvider: the one place that asks the system.
    public override long GetTimestamp() => Environment.TickCount64;
#pragma warning restore RS0030
}
