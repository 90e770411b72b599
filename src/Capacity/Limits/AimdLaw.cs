namespace Admission.Capacity;

/// <summary>
/// AIMD: up by a step while the backend keeps up, down to nine tenths when it does not: when permits are in use a twentieth longer than without a queue, or
/// too many answers say that it is overloaded.
/// </summary>
/// <remarks>
/// Source: D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks", Computer Networks and ISDN
/// Systems 17, 1989; as a limit of concurrency in Netflix concurrency-limits, AIMDLimit. There only failures and a fixed time-out are a sign, which comes when the backend's queue
/// is full; and it takes one more slot each time, which from 100 to 1000 is 900 steps. Here the step is that of <see cref="GrowthStep"/>, and a long queue is
/// taken away at once, down to a half, because it would not drain by tenths.
/// </remarks>
internal sealed class AimdLaw : ILimitLaw
{
    private const double MostSlowdown = 1.05;
    private const double Decrease = 0.9;

    /// <inheritdoc/>
    public double Next(in LimitWindow window, GrowthStep growth)
    {
        var overloaded = window.Overloaded >= Congestion.MostOverloaded;
        if (!overloaded && window.Slowdown <= Math.Max(MostSlowdown, 1 + Math.Max(growth.Tolerance, window.Chance)))
        {
            return growth.Grow(window.Limit, window.Slowdown <= 1 + Math.Max(0.03, window.Chance));
        }

        growth.Failed();

        // A whole slot at least, or the limits of 2 to 9 would be rounded back to what they were.
        return Math.Min(window.Limit - 1, window.Limit * Math.Clamp(1 / window.Slowdown, 0.5, Decrease));
    }
}
