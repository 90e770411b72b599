namespace Admission.Leases.Bench;

/// <summary>What programs did with leases in a while.</summary>
/// <param name="PerSecond">How often, a second.</param>
/// <param name="P50">The median time of one in milliseconds.</param>
/// <param name="P99">The 99th percentile.</param>
internal readonly record struct Leased(double PerSecond, double P50, double P99);
