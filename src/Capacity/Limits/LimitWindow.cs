namespace Admission.Capacity;

/// <summary>What the cluster did under one limit, long enough to say something: what a <see cref="ILimitLaw"/> decides on.</summary>
internal readonly record struct LimitWindow
{
    /// <summary>The limit that was in force.</summary>
    public required int Limit { get; init; }

    /// <summary>The mean time that a permit was in use, in seconds.</summary>
    public required double Time { get; init; }

    /// <summary>The time in use without any queue in the backend, in seconds, as it is known so far; see <see cref="UnloadedTime"/>.</summary>
    public required double Unloaded { get; init; }

    /// <summary>The standard error of <see cref="Time"/> relative to <see cref="Unloaded"/>: 0.1 means that they are known to 10 %.</summary>
    public required double Error { get; init; }

    /// <summary>The share of the finished work that the backend refused or did not answer in time; 0 to 1.</summary>
    public required double Overloaded { get; init; }

    /// <summary>
    /// How much longer than unloaded, relatively, may be chance: a queue of half a slot, or one and a quarter standard errors. About one window in ten is longer by chance alone.
    /// </summary>
    public double Chance => Math.Max(0.5 / Limit, 1.25 * Error);

    /// <summary>How many times the unloaded time a permit was in use; 1 without a queue.</summary>
    public double Slowdown => Time / Unloaded;
}
