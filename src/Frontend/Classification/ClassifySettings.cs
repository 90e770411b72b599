namespace Admission.Frontend.Classification;

/// <summary>How a backend's requests are told apart: for each property the sources in order, of which the first that yields a value wins.</summary>
/// <param name="Tenant">Who shares the backend fairly with others. Default none: one tenant for all.</param>
/// <param name="Priority">Who goes first. Default none: the route's.</param>
/// <param name="Weight">How many permits a request takes. Default none: the route's.</param>
/// <param name="RunTimeout">What may shorten the time in the backend. Default none: the route's.</param>
/// <param name="Estimate">How a weight is estimated; null where none is.</param>
internal sealed record ClassifySettings(
    RequestSource[] Tenant, RequestSource[] Priority, RequestSource[] Weight, RequestSource[] RunTimeout, EstimateSettings? Estimate)
{
    /// <summary>All requests are alike but for what their route says.</summary>
    public static ClassifySettings Nothing { get; } = new([], [], [], [], null);
}

/// <summary>How a weight is estimated from the time that earlier requests took; see <see cref="CostTable"/>.</summary>
/// <param name="Reference">The time in the backend that one permit stands for. 1 ms to 1 hour; no default.</param>
/// <param name="MaxWeight">The most that is estimated. 1 to 1,000; default 10. The largest destination's limit bounds it too.</param>
/// <param name="PathSegments">
/// Requests of one route whose paths differ in the first so many segments are measured apart. 0 (the default: one figure for a route) to 8.
/// </param>
internal sealed record EstimateSettings(TimeSpan Reference, int MaxWeight, int PathSegments);
