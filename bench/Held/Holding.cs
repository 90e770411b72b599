namespace Admission.Held;

/// <summary>What one run with one subject showed.</summary>
/// <param name="Memory">KiB of resident memory for each connection.</param>
/// <param name="Latest">The 99th percentile of how late heartbeats were, in milliseconds; NaN without any.</param>
/// <param name="Worst">The latest of them all.</param>
/// <param name="Beats">Heartbeats that were looked at.</param>
/// <param name="Delivery">The median time from an answer's making to its client's hands, in milliseconds, while all are let through.</param>
/// <param name="SlowDelivery">The 99th percentile of it.</param>
/// <param name="BeatCpu">Processor time of the process for each heartbeat, in microseconds.</param>
/// <param name="Through">Milliseconds until all have their answer.</param>
internal sealed record Holding(double Memory, double Latest, double Worst, int Beats, double Delivery, double SlowDelivery, double BeatCpu, double Through);
