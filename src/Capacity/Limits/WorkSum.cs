namespace Admission.Capacity;

/// <summary>Finished work, summed over holders.</summary>
/// <param name="Completed">Permits given back.</param>
/// <param name="Sampled">Those of them whose time in use was measured.</param>
/// <param name="Seconds">The sum of the measured times.</param>
/// <param name="Squares">The sum of their squares.</param>
/// <param name="Overloaded">Permits whose work the backend refused, or did not do in time.</param>
internal readonly record struct WorkSum(long Completed, long Sampled, double Seconds, double Squares, long Overloaded)
{
    /// <summary>The mean measured time, in seconds.</summary>
    public double Mean => Sampled == 0 ? 0 : Seconds / Sampled;

    /// <summary>The squared coefficient of variation of a measured time.</summary>
    public double SquaredVariation => Seconds <= 0 ? 0 : Math.Max(0, (Squares * Sampled / (Seconds * Seconds)) - 1);

    public double OverloadedShare => Completed == 0 ? 0 : (double)Overloaded / Completed;

    public static WorkSum operator +(in WorkSum one, in WorkSum other) => new(
        one.Completed + other.Completed, one.Sampled + other.Sampled, one.Seconds + other.Seconds, one.Squares + other.Squares,
        one.Overloaded + other.Overloaded);
}
