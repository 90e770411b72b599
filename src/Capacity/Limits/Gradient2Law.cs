namespace Admission.Capacity;

/// <summary>
/// Gradient2: the limit is multiplied by the gradient, unloaded time over time in use, at least a half; and a little is added, so that it can grow.
/// </summary>
/// <remarks>
/// Source: Netflix concurrency-limits, Gradient2Limit. There the unloaded time is a long average, which an overload that lasts drags along, so that the limit
/// grows without end; the room added is a fixed 4, which is four times too much for a server with one slot; and a fifth of each step is taken, at each sample.
/// Here <see cref="UnloadedTime"/> is measured apart, the room is 1 % of the limit, the steps up are those of <see cref="GrowthStep"/>, and a step is taken once for a window
/// whose length makes it certain enough, so it is taken as a whole.
/// </remarks>
internal sealed class Gradient2Law : ILimitLaw
{
    /// <summary>The queue that is left in the backend, as a share of the limit: a queue of none would leave workers idle between two requests.</summary>
    private const double Room = 0.01;

    private const double LeastGradient = 0.5;

    /// <inheritdoc/>
    public double Next(in LimitWindow window, GrowthStep growth)
    {
        if (window.Overloaded < Congestion.MostOverloaded && window.Slowdown <= 1 + Math.Max(Math.Max(Room, growth.Tolerance), window.Chance))
        {
            return growth.Grow(window.Limit);
        }

        growth.Failed();
        var gradient = window.Overloaded < Congestion.MostOverloaded ? Math.Clamp(1 / window.Slowdown, LeastGradient, 1) : LeastGradient;
        return (window.Limit * gradient) + (window.Limit * Room);
    }
}
