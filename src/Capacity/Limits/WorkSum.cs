namespace Admission.Capacity;

/// <summary>Finished work, summed over holders. Not whole numbers, because a report that began before a window counts in part.</summary>
/// <param name="Completed">Permits given back.</param>
/// <param name="Sampled">Those of them whose time in use was measured.</param>
/// <param name="Seconds">The sum of the measured times.</param>
/// <param name="Squares">The sum of their squares.</param>
/// <param name="Overloaded">Permits whose work the backend refused, or did not do in time.</param>
internal readonly record struct WorkSum(double Completed, double Sampled, double Seconds, double Squares, double Overloaded)
{
    /// <summary>The mean measured time, in seconds.</summary>
    public double Mean => Sampled <= 0 ? 0 : Seconds / Sampled;

    /// <summary>The squared coefficient of variation of a measured time.</summary>
    public double SquaredVariation => Seconds <= 0 ? 0 : Math.Max(0, (Squares * Sampled / (Seconds * Seconds)) - 1);

    public double OverloadedShare => Completed <= 0 ? 0 : Overloaded / Completed;

    public static WorkSum operator +(in WorkSum one, in WorkSum other) => new(
        one.Completed + other.Completed, one.Sampled + other.Sampled, one.Seconds + other.Seconds, one.Squares + other.Squares,
        one.Overloaded + other.Overloaded);

    /// <summary>A share of it, as if it had been done evenly.</summary>
    public static WorkSum operator *(in WorkSum sum, double share) =>
        new(sum.Completed * share, sum.Sampled * share, sum.Seconds * share, sum.Squares * share, sum.Overloaded * share);
}
