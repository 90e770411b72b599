namespace Admission.Capacity;

/// <summary>
/// Vegas: the queue inside the backend is the limit less what would do the same work without a queue, limit x (1 - unloaded / time in use). The limit grows
/// while that is less than alpha, and shrinks when it is more than beta.
/// </summary>
/// <remarks>
/// Source: L. Brakmo and L. Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet", IEEE JSAC 13(8), 1995; as a limit of concurrency in Netflix
/// concurrency-limits, VegasLimit. There alpha and beta are 3 and 6 and more, so a server with 4 slots gets a limit of 7 to 10; the limit shrinks by one or a few a round,
/// however long the queue; and the unloaded time is the least sample ever seen, which one lucky sample spoils. Here alpha and beta are 2 % and 6 % of the limit, and a
/// longer queue is taken away at once, but for 1 %.
/// </remarks>
internal sealed class VegasLaw : ILimitLaw
{
    private const double Alpha = 0.02;
    private const double Beta = 0.06;

    /// <summary>The queue that is left after a step down: less than alpha, so that one step up shows whether there is room.</summary>
    private const double Kept = 0.01;

    /// <inheritdoc/>
    public double Next(in LimitWindow window, GrowthStep growth)
    {
        if (window.Overloaded >= Congestion.MostOverloaded)
        {
            growth.Failed();
            return window.Limit * 0.5;
        }

        var queue = 1 - (1 / window.Slowdown);
        if (window.Slowdown <= 1 + Math.Max(Math.Max(Alpha, growth.Tolerance), window.Chance))
        {
            return growth.Grow(window.Limit);
        }

        if (queue < Beta)
        {
            return growth.Settled(window.Limit);
        }

        growth.Failed();
        return window.Limit * Math.Max(0.5, 1 - queue + Kept);
    }
}
