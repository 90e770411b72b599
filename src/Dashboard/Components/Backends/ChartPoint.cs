namespace Admission.Dashboard.Components.Backends;

/// <summary>A point of a chart.</summary>
/// <param name="At">When, in UTC.</param>
/// <param name="Value">The value.</param>
public sealed record ChartPoint(DateTime At, double Value);
