namespace Admission.Parked;

/// <summary>What one run with one peer showed.</summary>
/// <param name="Few">KiB of resident memory for each waiting request, with few.</param>
/// <param name="Many">The same with many.</param>
/// <param name="GrantMilliseconds">From the moment when the backend answers until everybody has his answer.</param>
/// <param name="GrantCpu">Processor time of the peer in that, in microseconds for each request.</param>
internal sealed record Parking(double Few, double Many, double GrantMilliseconds, double GrantCpu);
