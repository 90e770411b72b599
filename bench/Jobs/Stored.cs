namespace Admission.Jobs.Bench;

/// <summary>One run.</summary>
/// <param name="PerSecond">Jobs a second.</param>
/// <param name="P50">The median of the answers' times in milliseconds.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Cpu">Microseconds of the process that stores, for each job.</param>
/// <param name="DatabaseCpu">Microseconds of PostgreSQL for each job; 0 where that is the same process.</param>
internal readonly record struct Stored(double PerSecond, double P50, double P99, double Cpu, double DatabaseCpu);
